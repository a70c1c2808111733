package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class OwnedPartitionsIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private final List<String> processed = new CopyOnWriteArrayList<>();
  private final AtomicBoolean fails = new AtomicBoolean(true);

  /// Reads its inputs from the beginning and fails with an `Error` once.
  private final class Work implements PartitionWork {
    @Override
    public Map<TopicPartition, Long> recover() {
      return Map.of();
    }

    @Override
    public void process(List<ConsumerRecord<String, byte[]>> records) {
      if (fails.getAndSet(false)) {
        throw new StackOverflowError("of a test");
      }
      records.forEach(record -> processed.add(record.key()));
    }

    @Override
    public void passTime() {}

    @Override
    public Duration untilDue() {
      return Duration.ofSeconds(1);
    }

    @Override
    public void close() {}
  }

  private OwnedPartitions partitions() {
    return new OwnedPartitions(
        "owned",
        broker.clients(),
        List.of(Topic.REQUESTS, Topic.OUTCOMES),
        "",
        partition -> new Work());
  }

  @Test
  void shouldRecoverAPartitionWhoseWorkEndedWithAnError() {
    // Given
    try (EventProducer producer = new EventProducer(broker.clients(), "test");
        OwnedPartitions owned = partitions()) {
      owned.start();
      owned.awaitReady(Duration.ofSeconds(30));
      // When
      producer.append(
          new ProducerRecord<>(broker.clients().name(Topic.REQUESTS), "asked", new byte[] {1}));
      // Then
      Eventually.holds(() -> assertThat(processed).containsExactly("asked"));
      Eventually.holds(() -> assertThat(owned.healthy()).isTrue());
    }
  }

  @Test
  void shouldCloseWhatWasNeverStarted() {
    // When
    OwnedPartitions owned = partitions();
    owned.close();
    // Then
    assertThat(owned.healthy()).isFalse();
  }
}
