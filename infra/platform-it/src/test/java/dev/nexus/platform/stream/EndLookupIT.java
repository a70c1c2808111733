package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RelayedBroker;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where a partition ends, asked of a broker that may be silent.
class EndLookupIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration IMPATIENCE = Duration.ofMillis(50);

  @TempDir static Path directory;

  private static RelayedBroker broker;
  private static TopicPartition partition;

  private EndLookup lookup;

  @BeforeAll
  static void start() throws Exception {
    broker = RelayedBroker.start(directory.resolve("kafka"));
    partition = new TopicPartition(broker.clients().name(Topic.ROUTES), 0);
  }

  @AfterAll
  static void stop() throws Exception {
    broker.close();
  }

  @BeforeEach
  void open() {
    lookup = new EndLookup(broker.clients(), "test-ends");
  }

  @AfterEach
  void close() {
    broker.road().pass();
    lookup.close();
  }

  private long end(Duration patience) {
    return lookup
        .ask(List.of(partition), System.nanoTime() + patience.toNanos())
        .getOrDefault(partition, -1L);
  }

  @Test
  void shouldTellTheEndOfWhatIsThereNow() {
    // Given
    long before = end(PATIENCE);

    // When
    try (EventProducer producer = new EventProducer(broker.clients(), "test")) {
      producer.send(new ProducerRecord<>(partition.topic(), 0, "a", new byte[] {1})).join();
    }

    // Then
    assertThat(end(PATIENCE)).isEqualTo(before + 1);
  }

  @Test
  void shouldNotTakeTimeThatHasRunOutForPartitionsWithoutRecords() {
    // Given that the brokers answer
    end(PATIENCE);

    // Then
    assertThatThrownBy(() -> end(Duration.ZERO)).isInstanceOf(NotReadInTimeException.class);
    assertThatThrownBy(() -> end(Duration.ofNanos(-1))).isInstanceOf(NotReadInTimeException.class);
  }

  @Test
  void shouldGiveASilentBrokerUpAndAskItAgain() {
    // Given
    long before = end(PATIENCE);
    broker.road().silence();

    // Then
    assertThatThrownBy(() -> end(IMPATIENCE)).isInstanceOf(TimeoutException.class);

    // When
    broker.road().pass();

    // Then
    assertThat(end(PATIENCE)).isEqualTo(before);
  }

  @Test
  void shouldWakeWhoAsksWhenItIsClosed() throws Exception {
    // Given
    assertThat(end(PATIENCE)).isNotNegative();
    broker.road().silence();
    var begun = new CountDownLatch(1);
    var partitions =
        new AbstractList<TopicPartition>() {
          @Override
          public TopicPartition get(int index) {
            begun.countDown();
            return partition;
          }

          @Override
          public int size() {
            return 1;
          }
        };
    long until = System.nanoTime() + Duration.ofDays(1).toNanos();
    var asked = new FutureTask<>(() -> lookup.ask(partitions, until));
    Thread.ofVirtual().start(asked);
    begun.await();

    // When
    Thread closing = Thread.ofVirtual().start(lookup::close);

    // Then
    Eventually.holds(() -> assertThat(closing.isAlive()).isFalse());
    Eventually.holds(() -> assertThat(asked.isDone()).isTrue());
    assertThatThrownBy(asked::get).hasCauseInstanceOf(WakeupException.class);
    assertThatThrownBy(() -> end(PATIENCE))
        .isInstanceOf(NotReadInTimeException.class)
        .hasMessageContaining("closed");
  }
}
