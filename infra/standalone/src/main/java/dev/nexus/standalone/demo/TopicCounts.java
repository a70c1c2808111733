package dev.nexus.standalone.demo;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// Counts the events on every topic by reading them, so that the markers of transactions, which
/// offsets count too, are left out.
final class TopicCounts {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private TopicCounts() {}

  /// Events a topic up to now; topics without any are left out.
  static Map<String, Long> read(KafkaClients clients) {
    var counts = new LinkedHashMap<String, Long>();
    try (KafkaConsumer<String, byte[]> consumer = clients.assignedConsumer("demo-counts")) {
      List<TopicPartition> partitions = partitions(clients, consumer);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!ends.isEmpty() && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(100)).forEach(r -> counts.merge(r.topic(), 1L, Long::sum));
        ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
      }
    }
    var ordered = new LinkedHashMap<String, Long>();
    for (Topic topic : Topic.values()) {
      Long count = counts.get(clients.name(topic));
      if (count != null) {
        ordered.put(clients.name(topic), count);
      }
    }
    return ordered;
  }

  private static List<TopicPartition> partitions(
      KafkaClients clients, KafkaConsumer<String, byte[]> consumer) {
    Map<String, ?> existing = consumer.listTopics();
    return Arrays.stream(Topic.values())
        .map(clients::name)
        .filter(existing::containsKey)
        .flatMap(name -> consumer.partitionsFor(name).stream())
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }
}
