package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A reader whose broker goes away and comes back.
class TailReaderIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int MANY = 100;

  @TempDir Path directory;

  private final List<String> taken = new CopyOnWriteArrayList<>();

  private TailReader reader(KafkaClients clients) {
    return new TailReader(
        clients,
        "test",
        Topic.ROUTES,
        TailReader.From.END,
        record -> taken.add(String.valueOf(record.key())));
  }

  private static KafkaClients clients(EmbeddedBroker broker) {
    return new KafkaClients(Map.of("bootstrap.servers", broker.bootstrapServers()), "");
  }

  private static void write(KafkaClients clients, String key) {
    try (EventProducer producer = new EventProducer(clients, "test")) {
      producer.send(new ProducerRecord<>(clients.name(Topic.ROUTES), key, new byte[] {1})).join();
    }
  }

  @Test
  void shouldSayThatNoBrokerAnswersAndReadOnWhenOneDoes() {
    // Given
    EmbeddedBroker broker = EmbeddedBroker.start(directory, 0);
    int port = broker.port();
    KafkaClients clients = clients(broker);
    new TopicTable(clients, Profile.EMBEDDED, false).create();
    write(clients, "before");
    try (TailReader reader = reader(clients)) {
      reader.start();
      reader.awaitReading(PATIENCE);
      assertThat(reader.healthy()).isTrue();
      // When
      broker.close();
      // Then
      Eventually.holds(PATIENCE, () -> assertThat(reader.healthy()).isFalse());
      assertThatThrownBy(() -> reader.awaitReading(Duration.ofMillis(1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("nexus.routes");
      // When
      broker = EmbeddedBroker.start(directory, port);
      write(clients, "after");
      // Then
      Eventually.holds(PATIENCE, () -> assertThat(taken).containsExactly("after"));
      Eventually.holds(PATIENCE, () -> assertThat(reader.healthy()).isTrue());
    } finally {
      broker.close();
    }
  }

  @Test
  void shouldAwaitWhatWasWrittenDuringALookThatBeganBefore() throws Exception {
    Semaphore begun = new Semaphore(0);
    Semaphore permits = new Semaphore(0);
    TailReader.Taker taker =
        record -> {
          begun.release();
          permits.acquireUninterruptibly();
          taken.add(record.key());
        };
    try (EmbeddedBroker broker = EmbeddedBroker.start(directory, 0);
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      KafkaClients clients = clients(broker);
      new TopicTable(clients, Profile.EMBEDDED, false).create();
      try (TailReader reader =
          new TailReader(clients, "test", Topic.ROUTES, TailReader.From.END, taker)) {
        // Given one who waits for what the reader is at
        reader.start();
        reader.awaitReading(PATIENCE);
        write(clients, "one");
        assertThat(begun.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
        var before = callers.submit(() -> reader.awaitCurrent(PATIENCE));

        // When
        write(clients, "two");
        List<Future<?>> after = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
          after.add(callers.submit(() -> reader.awaitCurrent(PATIENCE)));
        }
        permits.release();
        assertThat(begun.tryAcquire(2, TimeUnit.MINUTES)).isTrue();

        // Then
        assertThat(after).noneMatch(Future::isDone);
        permits.release();
        before.get();
        for (Future<?> caller : after) {
          caller.get();
        }
        assertThat(taken).containsExactly("one", "two");
      } finally {
        permits.release(2);
      }
    }
  }

  @Test
  void shouldCloseAtOnceWhatWasNeverStarted() {
    // When
    TailReader reader = reader(new KafkaClients(Map.of("bootstrap.servers", "127.0.0.1:1"), ""));
    reader.close();
    // Then
    assertThat(reader.healthy()).isFalse();
    assertThat(taken).isEmpty();
  }
}
