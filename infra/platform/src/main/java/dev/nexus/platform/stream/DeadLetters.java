package dev.nexus.platform.stream;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Excerpt;
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
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts records that cannot be used aside, with all that is needed to try them again; of a large
/// one the beginning, as the record itself stays where its position says. Whatever it consists of,
/// the letter about it is of a size that the log takes: what cannot be put aside would stop its
/// partition. The same record has the same event id each time, however often it is met.
public final class DeadLetters {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

  /// Header of a letter that lacks a part of its record; its value says which. A record's own
  /// header of this name is not kept: only a letter may say so of itself.
  public static final String LEFT_OUT = "nexus-left-out";

  /// Value of it where the key is cut. Where headers are missing it is their number.
  public static final String KEY = "key";

  /// Value of it where nothing was kept.
  public static final String CONTENTS = "contents";

  /// Of key, value and headers each, bytes; of the headers as they are written.
  private static final int LARGEST_PART = 1 << 20;

  /// Characters of a reason, which may repeat what the record says.
  private static final int LONGEST_REASON = 2_000;

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
    RecordDeadLettered body = letter(record, reason);
    producer.append(codec, origin(body), event(body));
  }

  /// The same for a reader that writes many and waits once: done when the log has the letter.
  public CompletableFuture<Void> send(ConsumerRecord<String, byte[]> record, String reason) {
    RecordDeadLettered body = letter(record, reason);
    return producer.send(codec, origin(body), event(body));
  }

  /// Puts a record aside that nobody can read: the letter has its place and the reason only. Done
  /// when the log has it.
  public CompletableFuture<Void> sendUnread(TopicPartition at, long offset, String reason) {
    RecordDeadLettered body = unread(at, offset, reason);
    return producer.send(codec, origin(body), event(body));
  }

  /// The same, and returns or throws as `add` does.
  public void addUnread(TopicPartition at, long offset, String reason) {
    RecordDeadLettered body = unread(at, offset, reason);
    producer.append(codec, origin(body), event(body));
  }

  private RecordDeadLettered unread(TopicPartition at, long offset, String reason) {
    return new RecordDeadLettered(
        at.topic(),
        at.partition(),
        offset,
        service,
        Excerpt.of(reason, LONGEST_REASON),
        ByteBuffer.allocate(0),
        ByteBuffer.allocate(0),
        new Json(leftOut(JsonNodeFactory.instance.arrayNode(), CONTENTS).toString()),
        0);
  }

  private RecordDeadLettered letter(ConsumerRecord<String, byte[]> record, String reason) {
    byte[] key = record.key() == null ? new byte[0] : record.key().getBytes(StandardCharsets.UTF_8);
    return new RecordDeadLettered(
        record.topic(),
        record.partition(),
        record.offset(),
        service,
        Excerpt.of(reason, LONGEST_REASON),
        part(key),
        part(record.value() == null ? new byte[0] : record.value()),
        headers(record.headers(), key.length > LARGEST_PART),
        record.value() == null ? 0 : record.value().length);
  }

  private static String origin(RecordDeadLettered letter) {
    return letter.originTopic() + "/" + letter.originPartition() + "/" + letter.originOffset();
  }

  private Event<DeadLetterEvent> event(RecordDeadLettered letter) {
    LOG.atWarn()
        .addKeyValue("topic", letter.originTopic())
        .addKeyValue("partition", letter.originPartition())
        .addKeyValue("offset", letter.originOffset())
        .addKeyValue("reason", letter.reason())
        .log("record dead-lettered");
    var envelope =
        Envelope.of(
            NameIds.uuid5("dead-letter", origin(letter), service),
            clock.instant(),
            TenantId.DEFAULT,
            "",
            "service:" + service);
    return new Event<>(envelope, letter);
  }

  /// As many as there is room for. Characters of a name may take six in JSON, those of a value
  /// four for three bytes.
  private static Json headers(Headers headers, boolean keyIsCut) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    long room = LARGEST_PART;
    int leftOut = 0;
    for (Header header : headers) {
      if (header.key().equals(LEFT_OUT)) {
        continue;
      }
      byte[] value = header.value();
      long size = 6L * header.key().length() + (value == null ? 0 : value.length / 3 * 4L) + 32;
      if (size > room) {
        leftOut++;
        continue;
      }
      room -= size;
      array
          .addObject()
          .put("name", header.key())
          .put("value", value == null ? null : Base64.getEncoder().encodeToString(value));
    }
    if (keyIsCut) {
      leftOut(array, KEY);
    }
    if (leftOut > 0) {
      leftOut(array, Integer.toString(leftOut));
    }
    return new Json(array.toString());
  }

  private static ArrayNode leftOut(ArrayNode headers, String what) {
    headers
        .addObject()
        .put("name", LEFT_OUT)
        .put("value", Base64.getEncoder().encodeToString(what.getBytes(StandardCharsets.UTF_8)));
    return headers;
  }

  private static ByteBuffer part(byte[] bytes) {
    return ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, LARGEST_PART)).slice();
  }
}
