package dev.nexus.command.intake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.trace.TraceContext;
import dev.nexus.platform.http.Problem;
import io.cloudevents.CloudEvent;
import io.cloudevents.SpecVersion;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.data.BytesCloudEventData;
import io.cloudevents.core.format.EventFormat;
import io.cloudevents.core.message.impl.BaseGenericBinaryMessageReaderImpl;
import io.cloudevents.core.provider.EventFormatProvider;
import io.micronaut.http.HttpStatus;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The forms of the CloudEvents HTTP binding 1.0: binary, structured and batch. JSON is read by the
/// same format that reads structured events on Kafka. A batch is read event by event, so that one
/// that is no event keeps none of the others out.
public final class HttpEvents {
  public static final String STRUCTURED = "application/cloudevents+json";
  public static final String BATCH = "application/cloudevents-batch+json";

  private static final String FAMILY = "application/cloudevents";
  private static final String PREFIX = "ce-";
  private static final String TRACEPARENT = "traceparent";
  private static final List<String> REQUIRED = List.of("specversion", "id", "source", "type");

  private HttpEvents() {}

  /// What the request carries; a body that cannot be told apart into events ends in a
  /// `ProblemException`. An event without a trace of its own takes that of the request.
  ///
  /// @param headers by lower-case name
  public static List<Arrival> read(Map<String, String> headers, byte[] body) {
    String type = contentType(headers);
    List<Arrival> arrivals =
        switch (type) {
          case STRUCTURED -> List.of(structured("", json(body)));
          case BATCH -> batch(json(body));
          default -> List.of(binary(type, headers, body));
        };
    String trace = TraceContext.validTraceparent(headers.getOrDefault(TRACEPARENT, ""));
    return trace.isEmpty()
        ? arrivals
        : arrivals.stream().map(arrival -> traced(arrival, trace)).toList();
  }

  private static String contentType(Map<String, String> headers) {
    String type = headers.getOrDefault("content-type", "").split(";", 2)[0];
    return type.strip().toLowerCase(Locale.ROOT);
  }

  private static JsonNode json(byte[] body) {
    try {
      return CanonicalJson.read(new String(body, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw Problem.of(HttpStatus.BAD_REQUEST, "malformed-json", "the body: " + e.getMessage())
          .exception();
    }
  }

  private static List<Arrival> batch(JsonNode body) {
    if (!body.isArray()) {
      throw Problem.of(
              HttpStatus.BAD_REQUEST,
              "malformed-batch",
              "the body: a JSON array of events expected")
          .exception();
    }
    List<Arrival> arrivals = new ArrayList<>(body.size());
    for (int i = 0; i < body.size(); i++) {
      arrivals.add(structured("/" + i, body.get(i)));
    }
    return arrivals;
  }

  private static Arrival structured(String pointer, JsonNode json) {
    if (!(json instanceof ObjectNode object)) {
      String found = json.getNodeType().name().toLowerCase(Locale.ROOT);
      return new Arrival.Illegible(
          Refusal.malformed(pointer, "wrong event", "a JSON object", found));
    }
    for (String name : REQUIRED) {
      JsonNode value = object.path(name);
      Optional<Refusal> missing =
          Attributes.missing(pointer, name, value.isTextual() ? value.asText() : text(value));
      if (missing.isPresent()) {
        return new Arrival.Illegible(missing.get());
      }
    }
    return Attributes.arrival(pointer, object, () -> event(object));
  }

  /// The data is kept as it was sent: the format would make doubles of its numbers.
  private static CloudEvent event(ObjectNode json) {
    JsonNode data = json.remove("data");
    EventFormat format =
        Objects.requireNonNull(EventFormatProvider.getInstance().resolveFormat(STRUCTURED));
    CloudEvent event = format.deserialize(json.toString().getBytes(StandardCharsets.UTF_8));
    return data == null || data.isNull()
        ? event
        : CloudEventBuilder.v1(event)
            .withData(data.toString().getBytes(StandardCharsets.UTF_8))
            .build();
  }

  private static String text(JsonNode value) {
    return value.isMissingNode() || value.isNull() ? "" : value.toString();
  }

  private static Arrival binary(String type, Map<String, String> headers, byte[] body) {
    if (type.startsWith(FAMILY) || !headers.containsKey(PREFIX + "specversion")) {
      throw Problem.of(
              HttpStatus.UNSUPPORTED_MEDIA_TYPE,
              "no-cloudevent",
              "a CloudEvent expected: send Content-Type: "
                  + STRUCTURED
                  + " or "
                  + BATCH
                  + ", or its attributes as headers (ce-specversion: 1.0, ce-id, ce-source,"
                  + " ce-type) with JSON data; found "
                  + (type.isEmpty() ? "no content type" : type))
          .exception();
    }
    for (String name : REQUIRED) {
      Optional<Refusal> missing =
          Attributes.missing("", name, headers.getOrDefault(PREFIX + name, ""));
      if (missing.isPresent()) {
        return new Arrival.Illegible(missing.get());
      }
    }
    ObjectNode attributes = JsonNodeFactory.instance.objectNode();
    headers.forEach(
        (name, value) -> {
          if (name.startsWith(PREFIX)) {
            attributes.put(name.substring(PREFIX.length()), value);
          }
        });
    return Attributes.arrival("", attributes, () -> new BinaryReader(headers, body).toEvent());
  }

  private static Arrival traced(Arrival arrival, String trace) {
    return switch (arrival) {
      case Arrival.Legible(var pointer, var event) when event.getExtension(TRACEPARENT) == null ->
          new Arrival.Legible(
              pointer, CloudEventBuilder.v1(event).withExtension(TRACEPARENT, trace).build());
      case Arrival.Legible legible -> legible;
      case Arrival.Illegible illegible -> illegible;
    };
  }

  /// Attributes as headers, data as body. Values are percent-encoded, as the binding has it.
  private static final class BinaryReader
      extends BaseGenericBinaryMessageReaderImpl<String, String> {
    private final Map<String, String> headers;

    BinaryReader(Map<String, String> headers, byte @Nullable [] body) {
      super(
          SpecVersion.V1, body == null || body.length == 0 ? null : BytesCloudEventData.wrap(body));
      this.headers = headers;
    }

    @Override
    protected boolean isContentTypeHeader(String name) {
      return name.equals("content-type");
    }

    @Override
    protected boolean isCloudEventsHeader(String name) {
      return name.startsWith(PREFIX) && !name.equals(PREFIX + "specversion");
    }

    @Override
    protected String toCloudEventsKey(String name) {
      return name.substring(PREFIX.length());
    }

    @Override
    protected void forEachHeader(BiConsumer<String, String> take) {
      headers.forEach(take);
    }

    /// A plus sign stands for itself here, other than in a form.
    @Override
    protected String toCloudEventsValue(String value) {
      String bare =
          value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
              ? value.substring(1, value.length() - 1)
              : value;
      return bare.indexOf('%') < 0
          ? bare
          : URLDecoder.decode(bare.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
  }
}
