package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.TimeText;
import dev.nexus.event.definition.CanonicalJson;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Stream;

/// Any event as JSON, by its record components, so that a new event is shown without being named
/// here. JSON inside events is embedded as such, durations are milliseconds.
public final class EventJson {
  /// What stands for nothing in an event, as its schema says; it is left out.
  private static final Map<String, Object> NOTHING =
      Map.of("retryAt", Instant.EPOCH, "routeOffset", -1L);

  private EventJson() {}

  /// The event with what its envelope says and, under `data`, its own components.
  public static ObjectNode of(Event<?> event) {
    Envelope envelope = event.envelope();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("type", event.body().getClass().getSimpleName());
    json.put("at", TimeText.of(envelope.occurredAt()));
    json.put("eventId", envelope.eventId().toString());
    if (!envelope.appId().isEmpty()) {
      json.put("app", envelope.appId());
    }
    if (!envelope.executionId().isEmpty()) {
      json.put("executionId", envelope.executionId());
      json.put("sequence", envelope.sequence());
    }
    if (!envelope.actor().isEmpty()) {
      json.put("actor", envelope.actor());
    }
    ObjectNode data = json.putObject("data");
    putAll(data, (Record) event.body());
    return json;
  }

  /// The JSON that an event carries, as it stands in the log: there a reference is one of ours,
  /// while JSON that was read and written again may only have come to look like one.
  static Stream<Json> contents(Event<?> event) {
    Record body = (Record) event.body();
    return Arrays.stream(body.getClass().getRecordComponents())
        .map(component -> get(component, body))
        .filter(Json.class::isInstance)
        .map(Json.class::cast);
  }

  private static void putAll(ObjectNode json, Record value) {
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      Object part = get(component, value);
      if (part.equals(NOTHING.get(component.getName()))) {
        continue;
      }
      String name = part instanceof Duration ? component.getName() + "Ms" : component.getName();
      json.set(name, node(part));
    }
  }

  private static Object get(RecordComponent component, Record value) {
    try {
      return component.getAccessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }

  private static JsonNode node(Object value) {
    var nodes = JsonNodeFactory.instance;
    return switch (value) {
      case Json json -> embedded(json);
      case Long number -> nodes.numberNode(number);
      case Integer number -> nodes.numberNode(number);
      case Double number -> nodes.numberNode(number);
      case Boolean truth -> nodes.booleanNode(truth);
      case Duration time -> nodes.numberNode(time.toMillis());
      case Instant at -> nodes.textNode(TimeText.of(at));
      case ByteBuffer bytes -> {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        yield nodes.textNode(Base64.getEncoder().encodeToString(copy));
      }
      case Collection<?> items -> {
        var array = nodes.arrayNode();
        items.forEach(item -> array.add(node(item)));
        yield array;
      }
      case Record record when hasOneText(record) -> nodes.textNode(record.toString());
      case Record record -> {
        ObjectNode inner = nodes.objectNode();
        putAll(inner, record);
        yield inner;
      }
      default -> nodes.textNode(value.toString());
    };
  }

  /// Ids such as `TenantId(value)` are their text.
  private static boolean hasOneText(Record record) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    return components.length == 1 && components[0].getName().equals("value");
  }

  static JsonNode embedded(Json json) {
    try {
      return CanonicalJson.read(json);
    } catch (IllegalArgumentException e) {
      return JsonNodeFactory.instance.textNode(json.text());
    }
  }
}
