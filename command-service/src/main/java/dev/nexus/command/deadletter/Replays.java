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
import dev.nexus.platform.stream.TopicTable;
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
  private static final String CLIENT = "dead-letter-replay";

  private final EventCodec<DeadLetterEvent> codec =
      EventCodec.of(Topic.DEAD_LETTERS, DeadLetterEvent.class);
  private final KafkaClients clients;
  private final EventProducer producer;
  private final RecordLookup lookup;
  private final EdgeIds ids;
  private final Clock clock;
  private @Nullable EventProducer writer;
  private boolean closed;

  public Replays(KafkaClients clients, EventProducer producer, Clock clock) {
    this.clients = clients;
    this.producer = producer;
    this.lookup = new RecordLookup(clients, CLIENT);
    this.ids = new EdgeIds(clock);
    this.clock = clock;
  }

  /// Why this record is not written again; empty when it may be.
  public Optional<String> refusal(DeadLetter letter) {
    String name = letter.origin().topic();
    Optional<Topic> found =
        Arrays.stream(Topic.values()).filter(one -> clients.name(one).equals(name)).findFirst();
    if (found.isEmpty()) {
      return Optional.of(
          "records of " + name + " are not replayed: it is no topic of this installation");
    }
    Topic topic = found.get();
    Optional<String> refused =
        ofTopic(topic).map(why -> "records of " + name + " are not replayed: " + why);
    if (refused.isPresent()) {
      return refused;
    }
    if (letter.lacks() != Lacks.NOTHING) {
      return Optional.of(lacking(letter.lacks()));
    }
    int largest = TopicTable.largestRecord(topic);
    if (letter.unpacked() > largest) {
      return Optional.of(tooLarge(letter, largest));
    }
    return topic == Topic.INGRESS && !letter.saysItsForm()
        ? Optional.of(
            "it has no headers of a CloudEvent, and a replay would write it as it is: have its"
                + " producer send it again with them")
        : Optional.empty();
  }

  /// It stands on its topic all the same: a broker reckons what its producer packed.
  private static String tooLarge(DeadLetter letter, int largest) {
    return "it has "
        + letter.unpacked()
        + " bytes unpacked, with key and headers, and "
        + letter.origin().topic()
        + " takes "
        + largest
        + ": have its producer send less, or a link";
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

  private static Optional<String> ofTopic(Topic topic) {
    return switch (topic) {
      case INGRESS, EVENTS, REQUESTS, OUTCOMES -> Optional.empty();
      case EXECUTIONS, EVIDENCE, PROMOTIONS, ROUTES, VALUES ->
          Optional.of("its facts have one writer; what was put aside is read again by a rebuild");
      case TASKS_MODEL, TASKS_CODE, TASKS_CONTAINER, TASKS_TOOL, TASK_CONTROL ->
          Optional.of("the router asks again by itself for work that nobody has begun");
      case DEFINITIONS, ENTITIES ->
          Optional.of("an old state would replace a newer one; publish or register it again");
      case REPLIES,
          VALUE_REQUESTS,
          VALUE_REPLIES,
          METRICS,
          LOGS,
          SNAPSHOTS,
          SANDBOXES,
          AUDIT_INTENTS,
          DEAD_LETTERS ->
          Optional.of("nobody waits for it any more");
    };
  }

  /// Writes the record again; false when the letter has only its beginning and the log no longer
  /// has the rest. Throws `RequestNotAcceptedException` when the log does not take it, of which
  /// `RecordRefusedException` is about this record alone, and `TimeoutException` when it does not
  /// say whether it has the rest.
  ///
  /// @param content of the letter
  public boolean replay(DeadLetter letter, RecordDeadLettered content, String actor) {
    Origin origin = letter.origin();
    Optional<byte[]> value = value(origin, content);
    if (value.isEmpty() && content.originBytes() > 0) {
      return false;
    }
    writer()
        .append(
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

  /// A producer of its own: what was put aside can be larger than anything that the process writes
  /// by itself, and no other write is to wait behind it. Made with the first replay, as most
  /// processes see none.
  private synchronized EventProducer writer() {
    EventProducer present = writer;
    if (present == null) {
      if (closed) {
        throw new IllegalStateException("nothing is replayed any more: the process ends");
      }
      present = EventProducer.wide(clients, CLIENT);
      writer = present;
    }
    return present;
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
    synchronized (this) {
      closed = true;
      if (writer != null) {
        writer.close();
      }
    }
  }
}
