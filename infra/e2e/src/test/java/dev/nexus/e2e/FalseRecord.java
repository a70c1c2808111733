package dev.nexus.e2e;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/// A record that can be decoded, or nearly, and that nobody can have written who writes its topic.
///
/// @param kind what is false about it
/// @param reason what its dead letter says; "" where it has no effect and need not be put aside
record FalseRecord(
    String kind,
    Topic topic,
    @Nullable String key,
    byte @Nullable [] value,
    Map<String, String> headers,
    String reason) {

  /// A time that no clock shows, and that nothing can be added to.
  static final Instant NEVER = Instant.ofEpochMilli(Long.MAX_VALUE);

  static final TenantId STRANGER = new TenantId("stranger");

  static <E> FalseRecord of(
      String kind, Topic topic, Class<E> root, String key, Event<E> event, String reason) {
    byte[] value = EventCodec.of(topic, root).encode(event);
    return new FalseRecord(kind, topic, key, value, Map.of(), reason);
  }

  FalseRecord with(String header, String text) {
    return new FalseRecord(kind, topic, key, value, Map.of(header, text), reason);
  }

  ProducerRecord<String, byte[]> on(String topicName) {
    var record = new ProducerRecord<>(topicName, key, value);
    headers.forEach(
        (name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
    return record;
  }

  static Envelope envelope(TenantId tenant, Instant at) {
    return Envelope.of(UUID.randomUUID(), at, tenant, "lab", "service:stranger");
  }

  static Envelope envelope() {
    return envelope(TenantId.DEFAULT, Instant.now());
  }

  /// The envelope of a fact.
  static Envelope fact(ExecutionId execution, long sequence, Instant at) {
    return envelope(TenantId.DEFAULT, at).withExecution(execution).withSequence(sequence);
  }

  static String key(ExecutionId execution) {
    return Keys.execution(TenantId.DEFAULT, execution);
  }

  @Override
  public String toString() {
    return topic.shortName() + ": " + kind;
  }
}
