package dev.nexus.command.topology;

import dev.nexus.event.Position;
import dev.nexus.platform.stream.Imprint;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/// How far the owner of a partition has come: the next fact to fold and the next input to read.
final class Reach {
  /// Stands between a topic and its log where a checkpoint names both.
  private static final char OF = '@';

  private final AtomicReference<Newest> newest = new AtomicReference<>(Newest.before(0));
  private final Map<Topic, Long> nextInput = new EnumMap<>(Topic.class);

  /// Which log of that name each next input is of, as far as that is known.
  private final Map<Topic, String> inputLogs = new EnumMap<>(Topic.class);

  /// Where each input ended when this owner came.
  private final Map<Topic, Long> found = new EnumMap<>(Topic.class);

  /// How far facts were taken, and what the last of them is; an imprint takes time to make.
  private record Newest(long next, Supplier<Optional<Imprint>> last) {
    static Newest before(long next) {
      return new Newest(next, Optional::empty);
    }
  }

  /// Goes on where the shelf stands.
  void begin(ExecutionShelf.Checkpoint checkpoint) {
    nextInput.clear();
    inputLogs.clear();
    checkpoint.next().forEach(this::goOn);
    Long facts = nextInput.remove(Topic.EXECUTIONS);
    newest.set(new Newest(facts == null ? 0 : facts, checkpoint::last));
  }

  private void goOn(String input, long next) {
    int of = input.indexOf(OF);
    Topic.named(of < 0 ? input : input.substring(0, of))
        .ifPresent(
            topic -> {
              nextInput.put(topic, next);
              if (of >= 0) {
                inputLogs.put(topic, input.substring(of + 1));
              }
            });
  }

  ExecutionShelf.Checkpoint checkpoint(String log) {
    Map<String, Long> next = new TreeMap<>();
    nextInput.forEach((topic, offset) -> next.put(named(topic), offset));
    Newest facts = newest.get();
    next.put(Topic.EXECUTIONS.topicName(), facts.next());
    return new ExecutionShelf.Checkpoint(log, next, facts.last().get());
  }

  private String named(Topic input) {
    String log = inputLogs.get(input);
    return log == null ? input.topicName() : input.topicName() + OF + log;
  }

  long nextFact() {
    return newest.get().next();
  }

  /// A fact of the log was folded.
  void folded(ConsumerRecord<String, byte[]> fact) {
    newest.set(new Newest(fact.offset() + 1, () -> Optional.of(Imprint.of(fact))));
  }

  /// A fact was written here; may be called by another thread.
  void wrote(long offset, ProducerRecord<String, byte[]> fact) {
    var written =
        new Newest(
            offset + 1, () -> Optional.of(Imprint.written(offset, fact.key(), fact.value())));
    newest.accumulateAndGet(written, (known, other) -> other.next() > known.next() ? other : known);
  }

  void read(Topic topic, long offset) {
    nextInput.put(topic, offset + 1);
  }

  /// A fact says from which input it was decided. The newest fact is right even where an older one
  /// names a later input: then the log has lost its end in between.
  void decidedFrom(Position input) {
    if (input.exists()) {
      Topic.named(input.inputTopic()).ifPresent(topic -> read(topic, input.inputOffset()));
    }
  }

  /// Goes on in this log of that name, from its beginning where what was read is another one; true
  /// then. Positions of facts name no log, so they count for the one of the checkpoint they follow.
  boolean follow(Topic topic, String log, long begin) {
    String before = inputLogs.put(topic, log);
    boolean another = before != null && !before.equals(log);
    if (another) {
      nextInput.put(topic, begin);
    }
    return another;
  }

  /// Keeps the next input of a topic inside of what the log has; gives what it was without.
  long bound(Topic topic, long begin, long end) {
    long next = nextInput.getOrDefault(topic, begin);
    nextInput.put(topic, Math.max(begin, Math.min(next, end)));
    found.put(topic, end);
    return next;
  }

  /// Whether an owner before this one may have decided on it.
  boolean backlog(Position input) {
    return Topic.named(input.inputTopic())
        .filter(topic -> input.inputOffset() < found.getOrDefault(topic, 0L))
        .isPresent();
  }

  /// The first request that comes after `input`, after all that were read here, and after all that
  /// an owner before this one may have read: how far that was is not known.
  long nextRequest(Position input) {
    long next = Math.max(next(found), next(nextInput));
    return input.inputTopic().equals(Topic.REQUESTS.topicName())
        ? Math.max(next, input.inputOffset() + 1)
        : next;
  }

  private static long next(Map<Topic, Long> inputs) {
    return inputs.getOrDefault(Topic.REQUESTS, 0L);
  }

  boolean covers(Map<Topic, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(e -> nextInput.getOrDefault(e.getKey(), 0L) >= e.getValue());
  }

  Map<TopicPartition, Long> positions(KafkaClients clients, int partition) {
    Map<TopicPartition, Long> positions = new HashMap<>();
    nextInput.forEach(
        (topic, next) -> positions.put(new TopicPartition(clients.name(topic), partition), next));
    return positions;
  }
}
