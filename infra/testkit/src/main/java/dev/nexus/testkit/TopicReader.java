package dev.nexus.testkit;

import dev.nexus.event.Event;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// Reads a topic from its beginning to its present end, committed records only.
public final class TopicReader {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final KafkaClients clients;

  public TopicReader(KafkaClients clients) {
    this.clients = clients;
  }

  /// Decoded events, partition by partition, each in order; deletions are left out.
  public <E> List<Event<E>> read(Topic topic, EventCodec<E> codec) {
    return records(topic).stream()
        .filter(record -> record.value() != null)
        .map(record -> codec.decode(record.value()))
        .toList();
  }

  /// Records as they are, partition by partition, each in order.
  public List<ConsumerRecord<String, byte[]>> records(Topic topic) {
    Map<Integer, List<ConsumerRecord<String, byte[]>>> byPartition = new TreeMap<>();
    KafkaConsumer<String, byte[]> consumer = clients.assignedConsumer("test-reader");
    try {
      List<TopicPartition> partitions =
          consumer.partitionsFor(clients.name(topic)).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
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
    } finally {
      // Not waiting for the fetch under way saves half a second a read.
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
    return byPartition.values().stream().flatMap(List::stream).toList();
  }
}
