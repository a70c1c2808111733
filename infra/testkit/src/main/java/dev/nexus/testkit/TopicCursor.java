package dev.nexus.testkit;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// Reads a topic on from where it read last, committed records only: waiting for something on a
/// long topic costs what is new.
public final class TopicCursor implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Topic topic;
  private final KafkaConsumer<String, byte[]> consumer;
  private final List<TopicPartition> partitions;

  /// Stands at the beginning of the topic.
  public TopicCursor(KafkaClients clients, Topic topic) {
    this.topic = topic;
    this.consumer = clients.assignedConsumer("test-reader");
    this.partitions =
        consumer.partitionsFor(clients.name(topic)).stream()
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /// Everything from here to the present end, partition by partition, each in order.
  public List<ConsumerRecord<String, byte[]>> next() {
    Map<Integer, List<ConsumerRecord<String, byte[]>>> byPartition = new TreeMap<>();
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(topic + " was not read within " + PATIENCE);
      }
      for (var record : consumer.poll(Duration.ofMillis(100))) {
        byPartition.computeIfAbsent(record.partition(), p -> new ArrayList<>()).add(record);
      }
    }
    return byPartition.values().stream().flatMap(List::stream).toList();
  }

  @Override
  public void close() {
    // Not waiting for the fetch under way saves half a second a read.
    consumer.close(CloseOptions.timeout(Duration.ZERO));
  }
}
