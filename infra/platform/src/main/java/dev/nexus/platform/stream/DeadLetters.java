package dev.nexus.platform.stream;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Base64;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts records that cannot be used aside, with all that is needed to try them again; of a large
/// one the beginning, as the record itself stays where its position says. The same record has the
/// same event id each time, however often it is met.
public final class DeadLetters {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

  private static final int LARGEST_PART = 1 << 20;

  private final EventCodec<DeadLetterEvent> codec =
      EventCodec.of(Topic.DEAD_LETTERS, DeadLetterEvent.class);
  private final EventProducer producer;
  private final String service;
  private final Clock clock;

  public DeadLetters(EventProducer producer, String service, Clock clock) {
    this.producer = producer;
    this.service = service;
    this.clock = clock;
  }

  /// The same, in the name of the service that could not use the records.
  public DeadLetters as(String name) {
    return new DeadLetters(producer, name, clock);
  }

  /// Returns when the log has the dead letter, so that the reader may go on; throws
  /// `RequestNotAcceptedException` when the log does not take it: then the record must be read
  /// again.
  public void add(ConsumerRecord<String, byte[]> record, String reason) {
    LOG.atWarn()
        .addKeyValue("topic", record.topic())
        .addKeyValue("partition", record.partition())
        .addKeyValue("offset", record.offset())
        .addKeyValue("reason", reason)
        .log("record dead-lettered");
    String origin = record.topic() + "/" + record.partition() + "/" + record.offset();
    var envelope =
        Envelope.of(
            NameIds.uuid5("dead-letter", origin, service),
            clock.instant(),
            TenantId.DEFAULT,
            "",
            "service:" + service);
    var body =
        new RecordDeadLettered(
            record.topic(),
            record.partition(),
            record.offset(),
            service,
            reason,
            part(
                record.key() == null ? new byte[0] : record.key().getBytes(StandardCharsets.UTF_8)),
            part(record.value() == null ? new byte[0] : record.value()),
            headers(record.headers()),
            record.value() == null ? 0 : record.value().length);
    producer.append(codec, origin, new Event<>(envelope, body));
  }

  private static Json headers(Headers headers) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (Header header : headers) {
      byte[] value = header.value();
      array
          .addObject()
          .put("name", header.key())
          .put("value", value == null ? null : Base64.getEncoder().encodeToString(value));
    }
    return new Json(array.toString());
  }

  private static ByteBuffer part(byte[] bytes) {
    return ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, LARGEST_PART)).slice();
  }
}
