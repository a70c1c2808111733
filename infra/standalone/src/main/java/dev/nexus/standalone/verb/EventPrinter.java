package dev.nexus.standalone.verb;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.BeanPropertyWriter;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.databind.util.NameTransformer;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.TimeText;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/// Records of a topic as lines for people or as JSON for programs.
final class EventPrinter {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .addModule(
              new SimpleModule()
                  .addSerializer(Json.class, new RawJson())
                  .addSerializer(TenantId.class, ToStringSerializer.instance)
                  .addSerializer(ExecutionId.class, ToStringSerializer.instance)
                  .addSerializer(Duration.class, new Millis())
                  .addSerializer(Instant.class, new Times())
                  .setSerializerModifier(new NamedMillis()))
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .build();

  private static final String ORIGIN_VALUE = "originValue";

  private final Optional<EventCodec<?>> codec;
  private final boolean json;

  private EventPrinter(Optional<EventCodec<?>> codec, boolean json) {
    this.codec = codec;
    this.json = json;
  }

  static EventPrinter of(Topic topic, boolean json) {
    return new EventPrinter(
        topic.hasSchema() ? Optional.of(EventCodec.of(topic, topic.events())) : Optional.empty(),
        json);
  }

  /// Name of the event; empty for records that cannot be read.
  String type(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      return "";
    }
    try {
      return decode(record)
          .map(e -> e.body().getClass().getSimpleName())
          .orElseGet(() -> outsideType(record));
    } catch (UnreadableRecordException e) {
      return "";
    }
  }

  String line(ConsumerRecord<String, byte[]> record) {
    ObjectNode line = Terminal.object();
    line.put("partition", record.partition()).put("offset", record.offset());
    // When the log took it, unless it says itself when it happened.
    line.put("at", TimeText.of(Instant.ofEpochMilli(record.timestamp()))).put("key", record.key());
    String type = describe(record, line);
    if (json) {
      return line.toString();
    }
    String body = line.has("event") ? readable(line.get("event")) : line.path("text").asText("");
    return "%s  %d@%d  %s  %s  %s"
        .formatted(
            TIME.format(Instant.parse(line.get("at").asText())),
            record.partition(),
            record.offset(),
            type,
            record.key(),
            body);
  }

  private String describe(ConsumerRecord<String, byte[]> record, ObjectNode line) {
    if (record.value() == null) {
      line.put("type", "deleted");
      return "deleted";
    }
    try {
      Optional<Event<?>> event = decode(record);
      if (event.isPresent()) {
        String type = event.get().body().getClass().getSimpleName();
        line.put("at", TimeText.of(event.get().envelope().occurredAt())).put("type", type);
        line.set("envelope", MAPPER.valueToTree(event.get().envelope()));
        line.set("event", MAPPER.readTree(MAPPER.writeValueAsString(event.get().body())));
        return type;
      }
    } catch (UnreadableRecordException | JsonProcessingException e) {
      line.put("unreadable", e.getMessage());
    }
    line.put("text", new String(record.value(), StandardCharsets.UTF_8));
    if (line.has("unreadable")) {
      return "unreadable";
    }
    String type = outsideType(record);
    line.put("type", type);
    return type;
  }

  /// Records that are not ours are CloudEvents, which say their type in a header, or in JSON.
  private static String outsideType(ConsumerRecord<String, byte[]> record) {
    Header header = record.headers().lastHeader("ce_type");
    if (header != null && header.value() != null) {
      return new String(header.value(), StandardCharsets.UTF_8);
    }
    try {
      String type = MAPPER.readTree(record.value()).path("type").asText("");
      return type.isEmpty() ? "foreign" : type;
    } catch (IOException e) {
      return "foreign";
    }
  }

  /// What a dead letter holds is text more often than not, and people want to read it.
  private static String readable(JsonNode event) {
    if (!event.has(ORIGIN_VALUE)) {
      return event.toString();
    }
    ObjectNode shown = event.deepCopy();
    for (String part : List.of("originKey", ORIGIN_VALUE)) {
      byte[] bytes = Base64.getDecoder().decode(event.path(part).asText());
      String text = new String(bytes, StandardCharsets.UTF_8);
      if (text.chars().noneMatch(c -> c == 0xFFFD || (c < ' ' && c != '\n' && c != '\t'))) {
        shown.put(part, text);
      }
    }
    return shown.toString();
  }

  private Optional<Event<?>> decode(ConsumerRecord<String, byte[]> record) {
    return record.value() == null ? Optional.empty() : codec.map(c -> c.decode(record.value()));
  }

  private static final class Millis extends JsonSerializer<Duration> {
    @Override
    public void serialize(Duration value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeNumber(value.toMillis());
    }
  }

  private static final class Times extends JsonSerializer<Instant> {
    @Override
    public void serialize(Instant value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(TimeText.of(value));
    }
  }

  /// Durations have the names that they have in the API and in exports, such as `workedMs`.
  private static final class NamedMillis extends BeanSerializerModifier {
    private static final long serialVersionUID = 1L;
    private static final NameTransformer IN_MILLIS = NameTransformer.simpleTransformer("", "Ms");

    @Override
    public List<BeanPropertyWriter> changeProperties(
        SerializationConfig config, BeanDescription bean, List<BeanPropertyWriter> properties) {
      List<BeanPropertyWriter> named = new ArrayList<>(properties);
      named.replaceAll(
          one -> one.getType().hasRawClass(Duration.class) ? one.rename(IN_MILLIS) : one);
      return named;
    }
  }

  /// JSON inside of events is shown as JSON, not as text.
  private static final class RawJson extends JsonSerializer<Json> {
    @Override
    public void serialize(Json value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeRawValue(value.text().isEmpty() ? "null" : value.text());
    }
  }
}
