package dev.nexus.command.topology;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// Reads the committed facts of one partition from an offset to the present end.
record FactTail(KafkaClients clients, int partition) {

  /// Hands every fact over and calls `saved` now and then; gives their number. A beginning the log
  /// no longer has is moved to the oldest record it has.
  long read(long from, Consumer<ConsumerRecord<String, byte[]>> facts, Runnable saved) {
    TopicPartition input = new TopicPartition(clients.name(Topic.EXECUTIONS), partition);
    try (KafkaConsumer<String, byte[]> consumer =
        clients.assignedConsumer("router-recovery-" + partition)) {
      consumer.assign(List.of(input));
      long first = consumer.beginningOffsets(List.of(input)).getOrDefault(input, 0L);
      long end = consumer.endOffsets(List.of(input)).getOrDefault(input, 0L);
      consumer.seek(input, Math.max(from, first));
      long count = 0;
      while (consumer.position(input) < end) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          facts.accept(record);
          if (++count % 2_000 == 0) {
            saved.run();
          }
        }
      }
      return count;
    }
  }
}
