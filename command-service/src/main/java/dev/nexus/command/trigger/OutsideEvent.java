package dev.nexus.command.trigger;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.MalformedJsonException;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.core.format.EventDeserializationException;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.cloudevents.rw.CloudEventRWException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/// A CloudEvent as somebody outside wrote it: binary with JSON data, or structured as JSON or Avro.
/// Only its form was checked.
///
/// @param subject "" when it has none
/// @param time when it happened; where it does not say, when the log took it
record OutsideEvent(
    String source,
    String id,
    String type,
    String subject,
    Instant time,
    JsonNode data,
    String traceparent) {
  private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  OutsideEvent {
    if (time.isBefore(EARLIEST) || time.isAfter(LATEST)) {
      throw new IllegalArgumentException("a time of the years 1 to 9999 expected, found " + time);
    }
  }

  /// A record that is no CloudEvent with JSON data.
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }
  }

  static OutsideEvent read(ConsumerRecord<String, byte[]> record) throws MalformedException {
    var form = new RecordForm(record);
    if (record.value() != null && form.contentType().startsWith(AvroFormat.CONTENT_TYPE)) {
      return AvroFormat.read(record.value(), takenAt(record));
    }
    form.require();
    try {
      CloudEvent event =
          KafkaMessageFactory.createReader(present(record.headers()), record.value()).toEvent();
      return new OutsideEvent(
          event.getSource().toString(),
          event.getId(),
          event.getType(),
          event.getSubject() == null ? "" : event.getSubject(),
          event.getTime() == null ? takenAt(record) : event.getTime().toInstant(),
          data(event),
          trace(event.getExtension("traceparent")));
    } catch (MalformedJsonException e) {
      throw RecordForm.malformed(String.valueOf(e.getMessage()));
    } catch (EventDeserializationException e) {
      throw form.unreadable(why(e, record.value()));
    } catch (CloudEventRWException | IllegalArgumentException | IllegalStateException e) {
      throw form.unreadable(e.getMessage());
    }
  }

  /// What a parser says of itself, and the names of its classes, help nobody who wrote the event.
  /// Its text is read again, as over HTTP: a parser of bytes does not know which character it was.
  private static String why(EventDeserializationException failure, byte[] value) {
    Throwable cause = failure;
    while (cause.getCause() != null && !(cause instanceof JsonParseException)) {
      cause = cause.getCause();
    }
    String text =
        cause instanceof JsonParseException broken
            ? malformed(new String(value, StandardCharsets.UTF_8), broken).getMessage()
            : cause.getMessage();
    return String.valueOf(text).lines().findFirst().orElse("something else");
  }

  private static MalformedJsonException malformed(String text, JsonParseException broken) {
    try {
      CanonicalJson.read(text);
      return MalformedJsonException.of(text, broken); // only as bytes it is none
    } catch (MalformedJsonException e) {
      return e;
    }
  }

  /// Kafka's headers may have no value, which counts as no header.
  private static Headers present(Headers headers) {
    Headers present = new RecordHeaders();
    for (Header header : headers) {
      if (header.value() != null) {
        present.add(header);
      }
    }
    return present;
  }

  private static Instant takenAt(ConsumerRecord<String, byte[]> record) {
    return Instant.ofEpochMilli(Math.max(0, record.timestamp()));
  }

  /// Whether data of this content type can be read; "" counts as JSON.
  static boolean isJson(String contentType) {
    return contentType.isEmpty() || contentType.contains("json");
  }

  private static JsonNode data(CloudEvent event) throws MalformedException {
    CloudEventData data = event.getData();
    if (data == null) {
      return NullNode.getInstance();
    }
    String type = event.getDataContentType();
    if (type != null && !isJson(type)) {
      throw new MalformedException(
          "data of type application/json expected, or the whole event as "
              + AvroFormat.CONTENT_TYPE
              + "; found "
              + type);
    }
    return CanonicalJson.read(new String(data.toBytes(), StandardCharsets.UTF_8));
  }

  private static String trace(@Nullable Object extension) {
    return extension == null ? "" : extension.toString();
  }
}
