package dev.nexus.command.topology;

import dev.nexus.event.Position;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;

/// How far the owner of a partition has come: the next fact to fold and the next input to read.
final class Reach {
  private final AtomicLong nextFact = new AtomicLong();
  private final Map<Topic, Long> nextInput = new EnumMap<>(Topic.class);

  /// Goes on where the shelf stands.
  void begin(ExecutionShelf.Place place) {
    nextInput.clear();
    place
        .next()
        .forEach((topic, next) -> Topic.named(topic).ifPresent(t -> nextInput.put(t, next)));
    Long facts = nextInput.remove(Topic.EXECUTIONS);
    nextFact.set(facts == null ? 0 : facts);
  }

  ExecutionShelf.Place place(String log) {
    Map<String, Long> next = new TreeMap<>();
    nextInput.forEach((topic, offset) -> next.put(topic.topicName(), offset));
    next.put(Topic.EXECUTIONS.topicName(), nextFact.get());
    return new ExecutionShelf.Place(log, next);
  }

  long nextFact() {
    return nextFact.get();
  }

  /// A fact of the log was folded.
  void folded(long offset) {
    nextFact.set(offset + 1);
  }

  /// A fact was written here; may be called by another thread.
  void wrote(long offset) {
    nextFact.accumulateAndGet(offset + 1, Math::max);
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

  /// Keeps the next input of a topic inside of what the log has; gives what it was without.
  long bound(Topic topic, long begin, long end) {
    long next = nextInput.getOrDefault(topic, begin);
    nextInput.put(topic, Math.max(begin, Math.min(next, end)));
    return next;
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
