package dev.nexus.command.deadletter;

import dev.nexus.command.deadletter.DeadLetter.Lacks;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordReplayed;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.service.EdgeIds;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RecordLookup;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/// Writes records that were put aside once more, to the partition they came from, and then the fact
/// that it was done. Whoever reads them deduplicates by the ids inside: after a crash between the
/// two writes, doing it again harms nothing.
public final class Replays implements AutoCloseable {
  private final EventCodec<DeadLetterEvent> codec =
      EventCodec.of(Topic.DEAD_LETTERS, DeadLetterEvent.class);
  private final KafkaClients clients;
  private final EventProducer producer;
  private final RecordLookup lookup;
  private final EdgeIds ids;
  private final Clock clock;

  public Replays(KafkaClients clients, EventProducer producer, Clock clock) {
    this.clients = clients;
    this.producer = producer;
    this.lookup = new RecordLookup(clients, "dead-letter-replay");
    this.ids = new EdgeIds(clock);
    this.clock = clock;
  }

  /// Why this record is not written again; empty when it may be.
  public Optional<String> refusal(DeadLetter letter) {
    String topic = letter.origin().topic();
    Optional<String> refused =
        refusal(topic).map(why -> "records of " + topic + " are not replayed: " + why);
    if (refused.isEmpty() && letter.lacks() != Lacks.NOTHING) {
      return Optional.of(lacking(letter.lacks()));
    }
    return refused.isEmpty() && topic.equals(clients.name(Topic.INGRESS)) && !letter.saysItsForm()
        ? Optional.of(
            "it has no headers of a CloudEvent, and a replay would write it as it is: have its"
                + " producer send it again with them")
        : refused;
  }

  private static String lacking(Lacks lacks) {
    return switch (lacks) {
      case NOTHING -> "it lacks nothing";
      case HEADERS ->
          "its headers were too large to be kept: have its producer send it again with less";
      case KEY ->
          "its key was too large to be kept: have its producer send it again with a shorter one";
      case CONTENTS ->
          "it could not be read, so nothing of it was kept: have its producer send it again,"
              + " smaller";
    };
  }

  private Optional<String> refusal(String topicOnBrokers) {
    return Arrays.stream(Topic.values())
        .filter(topic -> clients.name(topic).equals(topicOnBrokers))
        .findFirst()
        .map(Replays::refusal)
        .orElseGet(() -> Optional.of("it is no topic of this installation"));
  }

  private static Optional<String> refusal(Topic topic) {
    return switch (topic) {
      case INGRESS, EVENTS, REQUESTS, OUTCOMES -> Optional.empty();
      case EXECUTIONS, EVIDENCE, PROMOTIONS, ROUTES ->
          Optional.of("its facts have one writer; what was put aside is read again by a rebuild");
      case TASKS_MODEL, TASKS_CODE, TASKS_CONTAINER, TASKS_TOOL, TASK_CONTROL ->
          Optional.of("the router asks again by itself for work that nobody has begun");
      case DEFINITIONS, ENTITIES ->
          Optional.of("an old state would replace a newer one; publish or register it again");
      case REPLIES, METRICS, LOGS, SNAPSHOTS, AUDIT_INTENTS, DEAD_LETTERS ->
          Optional.of("nobody waits for it any more");
    };
  }

  /// Writes the record again; false when the letter has only its beginning and the log no longer
  /// has the rest. Throws `RequestNotAcceptedException` when the log does not take it, and
  /// `TimeoutException` when it does not say whether it has the rest.
  ///
  /// @param content of the letter
  public boolean replay(DeadLetter letter, RecordDeadLettered content, String actor) {
    Origin origin = letter.origin();
    Optional<byte[]> value = value(origin, content);
    if (value.isEmpty() && content.originBytes() > 0) {
      return false;
    }
    producer.append(
        new ProducerRecord<>(
            origin.topic(),
            origin.partition(),
            key(content.originKey()),
            value.orElse(null),
            headers(origin, content)));
    var envelope = Envelope.of(ids.next(), clock.instant(), TenantId.DEFAULT, "", actor);
    var fact = new RecordReplayed(origin.topic(), origin.partition(), origin.offset());
    producer.append(codec, origin.key(), new Event<>(envelope, fact));
    return true;
  }

  /// The whole value: from the letter, or from where the record still stands.
  private Optional<byte[]> value(Origin origin, RecordDeadLettered content) {
    if (DeadLetter.truncated(content)) {
      return lookup.kept(origin.topicPartition(), origin.offset());
    }
    ByteBuffer kept = content.originValue().duplicate();
    byte[] bytes = new byte[kept.remaining()];
    kept.get(bytes);
    return bytes.length == 0 ? Optional.empty() : Optional.of(bytes);
  }

  private static @Nullable String key(ByteBuffer bytes) {
    return bytes.hasRemaining()
        ? StandardCharsets.UTF_8.decode(bytes.duplicate()).toString()
        : null;
  }

  private static Headers headers(Origin origin, RecordDeadLettered content) {
    Headers headers = new RecordHeaders();
    CanonicalJson.read(content.originHeaders().text())
        .forEach(
            header ->
                headers.add(
                    header.path("name").asText(),
                    header.path("value").isTextual()
                        ? Base64.getDecoder().decode(header.path("value").asText())
                        : null));
    headers.remove(EventRecords.REPLAY_OF);
    return headers.add(EventRecords.REPLAY_OF, origin.toString().getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    lookup.close();
  }
}
