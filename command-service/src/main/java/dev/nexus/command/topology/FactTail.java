package dev.nexus.command.topology;

import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.Imprint;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LostEnd;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// What a new owner of a partition reads of the log before it goes on.
final class FactTail implements AutoCloseable {
  private final KafkaClients clients;
  private final int partition;
  private final KafkaConsumer<String, byte[]> consumer;

  FactTail(KafkaClients clients, int partition) {
    this.clients = clients;
    this.partition = partition;
    this.consumer = clients.gaplessConsumer("router-recovery-" + partition, 5_000);
  }

  /// Where the partition of a topic ends now; of facts, behind the last committed one.
  long end(Topic topic) {
    TopicPartition input = new TopicPartition(clients.name(topic), partition);
    return consumer.endOffsets(List.of(input)).getOrDefault(input, 0L);
  }

  /// The oldest offset the partition of a topic has.
  long begin(Topic topic) {
    TopicPartition input = new TopicPartition(clients.name(topic), partition);
    return consumer.beginningOffsets(List.of(input)).getOrDefault(input, 0L);
  }

  /// Whether the log has lost the fact that was taken last, and has something else before `next`.
  /// Asks with a consumer of its own, as `newestIds` does.
  boolean lostEnd(Imprint last, long next) {
    TopicPartition facts = new TopicPartition(clients.name(Topic.EXECUTIONS), partition);
    KafkaConsumer<String, byte[]> own = clients.scanningConsumer("router-look-" + partition, 2);
    try {
      return LostEnd.isFelt(own, facts, last, next, false);
    } finally {
      own.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  int partitions(Topic topic) {
    return consumer.partitionsFor(clients.name(topic)).size();
  }

  /// Hands every committed fact from an offset to the present end over; gives their number. A
  /// beginning the log no longer has is moved to the oldest it has.
  long read(long from, Consumer<ConsumerRecord<String, byte[]>> facts) {
    TopicPartition input = new TopicPartition(clients.name(Topic.EXECUTIONS), partition);
    consumer.assign(List.of(input));
    long end = end(Topic.EXECUTIONS);
    consumer.seek(input, Math.max(from, begin(Topic.EXECUTIONS)));
    long count = 0;
    while (consumer.position(input) < end) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
        facts.accept(record);
        count++;
      }
    }
    return count;
  }

  /// Ids of the newest committed events of partitions, of each at least the last `most`. It asks
  /// with a consumer of its own: the other's answers wait behind the fetch under way.
  Set<String> newestIds(Set<TopicPartition> partitions, long most) {
    Set<String> ids = new HashSet<>();
    if (partitions.isEmpty()) {
      return ids;
    }
    KafkaConsumer<String, byte[]> own = clients.assignedConsumer("router-newest-" + partition);
    try {
      Map<TopicPartition, Long> ends = own.endOffsets(partitions);
      Map<TopicPartition, Long> begins = own.beginningOffsets(partitions);
      own.assign(partitions);
      for (TopicPartition each : partitions) {
        long end = ends.getOrDefault(each, 0L);
        own.seek(each, Math.max(begins.getOrDefault(each, 0L), end - most));
      }
      while (partitions.stream().anyMatch(p -> own.position(p) < ends.getOrDefault(p, 0L))) {
        own.poll(Duration.ofMillis(200)).forEach(r -> ids.add(EventRecords.id(r.headers())));
      }
    } finally {
      own.close(CloseOptions.timeout(Duration.ZERO));
    }
    return ids;
  }

  /// Does not wait for the fetch under way, which would take half a second.
  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(Duration.ZERO));
  }
}
