package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RelayedBroker;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Many who ask at once where a partition ends, and a broker that may be silent.
class EndLookupIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration IMPATIENCE = Duration.ofMillis(50);
  private static final int MANY = 100;

  @TempDir static Path directory;

  private static RelayedBroker broker;
  private static TopicPartition partition;

  /// Questions that have begun, each of which needs a permit to go to the broker.
  private final AtomicInteger begun = new AtomicInteger();

  private final Semaphore permits = new Semaphore(0);
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
    lookup = new EndLookup(broker.clients(), "test-ends", this::partitions);
  }

  @AfterEach
  void close() {
    permits.release(MANY);
    broker.road().pass();
    lookup.close();
  }

  private List<TopicPartition> partitions() {
    begun.incrementAndGet();
    permits.acquireUninterruptibly();
    return List.of(partition);
  }

  @Test
  void shouldAskOnceForAllWhoComeDuringAQuestionThatBeganBeforeThem() {
    // Given
    Caller first = caller(PATIENCE);
    Eventually.holds(() -> assertThat(begun).hasValue(1));

    // When
    List<Caller> others = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      others.add(caller(PATIENCE));
    }
    others.forEach(Caller::awaitWaiting);
    permits.release();

    // Then the first is answered, and by that nobody else
    long end = first.end().join();
    Eventually.holds(() -> assertThat(begun).hasValue(2));
    assertThat(others).noneMatch(caller -> caller.end().isDone());
    permits.release();
    assertThat(others).allSatisfy(caller -> assertThat(caller.end().join()).isEqualTo(end));
    assertThat(begun).hasValue(2);
  }

  @Test
  void shouldTellTheEndOfWhatIsThereNow() {
    // Given
    permits.release(MANY);
    long before = lookup.ask(PATIENCE).get(partition);

    // When
    try (EventProducer producer = new EventProducer(broker.clients(), "test")) {
      producer.send(new ProducerRecord<>(partition.topic(), 0, "a", new byte[] {1})).join();
    }

    // Then
    assertThat(lookup.ask(PATIENCE)).containsEntry(partition, before + 1);
  }

  @Test
  void shouldWaitForASilentBrokerNoLongerThanEachHasPatience() {
    // Given
    permits.release(MANY);
    assertThat(lookup.ask(PATIENCE)).containsKey(partition);
    broker.road().silence();
    assertThatThrownBy(() -> lookup.ask(IMPATIENCE)).isInstanceOf(NotReadInTimeException.class);
    Eventually.holds(() -> assertThat(begun).hasValue(2));

    // When
    Caller patient = caller(PATIENCE);
    Eventually.holds(() -> assertThat(begun).hasValue(3));

    // Then others wait for the question of the patient one, and give up before it ends
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> lookup.ask(IMPATIENCE))
          .isInstanceOf(NotReadInTimeException.class)
          .hasMessageContaining("within " + IMPATIENCE);
    }
    assertThat(begun).hasValue(3);
    assertThat(patient.end()).isNotDone();

    // When
    broker.road().pass();

    // Then
    assertThat(patient.end().join()).isNotNegative();
    assertThat(lookup.ask(PATIENCE)).containsKey(partition);
  }

  @Test
  void shouldWakeAndRefuseWhoWaitsWhenItIsClosed() {
    // Given one whose question is under way, and one who waits for the next
    permits.release(MANY);
    assertThat(lookup.ask(PATIENCE)).containsKey(partition);
    broker.road().silence();
    Caller asking = caller(Duration.ofDays(1));
    Eventually.holds(() -> assertThat(begun).hasValue(2));
    Caller waiting = caller(Duration.ofDays(1));
    waiting.awaitWaiting();

    // When
    var closed = CompletableFuture.runAsync(lookup::close);

    // Then
    Eventually.holds(() -> assertThat(closed).isCompleted());
    for (Caller caller : List.of(asking, waiting)) {
      Eventually.holds(() -> assertThat(caller.end()).isCompletedExceptionally());
      assertThatThrownBy(() -> caller.end().join())
          .hasCauseInstanceOf(NotReadInTimeException.class);
    }
    assertThatThrownBy(() -> lookup.ask(PATIENCE))
        .isInstanceOf(NotReadInTimeException.class)
        .hasMessageContaining("closed");
    assertThat(begun).hasValue(2);
  }

  /// @param end what it is told
  private record Caller(Thread thread, CompletableFuture<Long> end) {
    void awaitWaiting() {
      Eventually.holds(() -> assertThat(thread.getState()).isEqualTo(Thread.State.TIMED_WAITING));
    }
  }

  private Caller caller(Duration patience) {
    var end = new CompletableFuture<Long>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    end.complete(lookup.ask(patience).get(partition));
                  } catch (RuntimeException e) {
                    end.completeExceptionally(e);
                  }
                });
    return new Caller(thread, end);
  }
}
