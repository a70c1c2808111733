package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What an owner does after its commits: it looks whether they have their end everywhere, and waits
/// for no answer.
class TransactionIT {
  private static final TopicPartition LEFT = new TopicPartition("nexus.requests", 0);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private static Transaction owner(Supplier<Optional<List<TopicPartition>>> left) {
    return new Transaction(broker.clients(), "router-0", Duration.ZERO, left);
  }

  private static void write(Transaction owner, String key) {
    String facts = broker.clients().name(Topic.EXECUTIONS);
    owner.write(
        List.of(new RecordSink.Outgoing(new ProducerRecord<>(facts, 0, key, new byte[] {1}))));
    owner.commit();
  }

  private static List<String> written() {
    return new TopicReader(broker.clients())
        .records(Topic.EXECUTIONS).stream().map(ConsumerRecord::key).toList();
  }

  private static Stream<String> threadsOf(String client) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.endsWith(client));
  }

  /// Brokers that take the connection of the look and never say a word.
  @Test
  void shouldDecideOnWhileALookHangs() throws IOException {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      var asked =
          new KafkaClients(
              Map.of(
                  "bootstrap.servers",
                  "127.0.0.1:" + silent.getLocalPort(),
                  "client.id",
                  "hanging-look",
                  "request.timeout.ms",
                  "30000",
                  "default.api.timeout.ms",
                  "30000"),
              "");
      try (Transaction owner = owner(() -> OrphanedWrites.left(asked, "router-0"))) {
        // Given
        write(owner, "first");
        owner.passTime();
        try (Socket connection = silent.accept()) {
          assertThat(connection.isConnected()).isTrue();
          assertThat(threadsOf("hanging-look")).as("looks").isNotEmpty();

          // When
          owner.passTime();
          write(owner, "second");
          owner.passTime();

          // Then
          Eventually.holds(() -> assertThat(written()).containsExactly("first", "second"));
        }
      }

      // and no look outlives its owner
      Eventually.holds(() -> assertThat(threadsOf("hanging-look")).isEmpty());
    }
  }

  @Test
  void shouldEndWhenALookHasFoundSomethingWithoutItsEnd() {
    try (Transaction owner = owner(() -> Optional.of(List.of(LEFT)))) {
      // Given
      write(owner, "first");

      // When
      owner.passTime();

      // Then
      Eventually.holds(
          () ->
              assertThatThrownBy(owner::passTime)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("nexus.requests-0"));
    }
  }

  /// What was being written during a look has no end yet, and none is missing.
  @Test
  void shouldNotBelieveALookDuringWhichItWrote() throws InterruptedException {
    // Given
    BlockingQueue<Optional<List<TopicPartition>>> answers = new ArrayBlockingQueue<>(1);
    BlockingQueue<Thread> looks = new ArrayBlockingQueue<>(10);
    try (Transaction owner =
        owner(
            () -> {
              looks.add(Thread.currentThread());
              try {
                return answers.take();
              } catch (InterruptedException e) {
                return Optional.of(List.of(LEFT));
              }
            })) {
      write(owner, "first");
      owner.passTime();
      Thread first = looks.poll(2, TimeUnit.MINUTES);
      assertThat(first).isNotNull().isNotSameAs(Thread.currentThread());

      // When it writes meanwhile
      write(owner, "second");
      first.join();
      owner.passTime();

      // Then it looks once more, and once only
      assertThat(looks.poll(2, TimeUnit.MINUTES)).isNotNull();
      owner.passTime();
      assertThat(looks).isEmpty();
      answers.put(Optional.of(List.of(LEFT)));
      Eventually.holds(
          () -> assertThatThrownBy(owner::passTime).hasMessageContaining("nexus.requests-0"));
    }
  }

  @Test
  void shouldLookAgainUntilSomebodyCanTell() throws InterruptedException {
    // Given
    BlockingQueue<Optional<List<TopicPartition>>> answers = new ArrayBlockingQueue<>(4);
    answers.put(Optional.empty());
    answers.put(Optional.empty());
    answers.put(Optional.of(List.of()));
    answers.put(Optional.of(List.of(LEFT)));
    try (Transaction owner = owner(answers::remove)) {
      // When
      write(owner, "first");

      // Then it asks three times, and a fourth time, which would end it, never
      Eventually.holds(
          () -> {
            owner.passTime();
            assertThat(answers).hasSizeLessThanOrEqualTo(1);
          });
      Eventually.stays(
          Duration.ofMillis(300),
          () -> {
            owner.passTime();
            assertThat(answers).hasSize(1);
          });
    }
  }

  /// A look that nobody foresaw to fail is no reason to decide no more.
  @Test
  void shouldDecideOnAndLookAgainAfterALookThatFailed() {
    // Given
    AtomicInteger looks = new AtomicInteger();
    try (Transaction owner =
        owner(
            () ->
                switch (looks.incrementAndGet()) {
                  case 1 -> throw new IllegalStateException("of a test");
                  case 2 -> throw new StackOverflowError("of a test");
                  default -> Optional.of(List.of());
                })) {
      write(owner, "first");

      // When
      Eventually.holds(
          () -> {
            owner.passTime();
            assertThat(looks).hasValue(3);
          });
      write(owner, "second");

      // Then
      Eventually.holds(() -> assertThat(written()).containsExactly("first", "second"));
    }
  }

  /// As with a password that was changed: it does not pass by itself, and the partition decides on.
  @Test
  void shouldBeUnhealthyWhileItsLooksKeepFailing() {
    // Given
    AtomicInteger looks = new AtomicInteger();
    AtomicBoolean mended = new AtomicBoolean();
    try (Transaction owner =
        owner(
            () -> {
              looks.incrementAndGet();
              if (!mended.get()) {
                throw new IllegalStateException("of a test");
              }
              return Optional.of(List.of());
            })) {
      write(owner, "first");
      assertThat(owner.healthy()).isTrue();

      // When
      Eventually.holds(
          () -> {
            owner.passTime();
            // Then
            assertThat(owner.healthy()).isFalse();
          });
      assertThat(looks).as("no accident").hasValueGreaterThanOrEqualTo(3);

      // When
      mended.set(true);

      // Then
      Eventually.holds(
          () -> {
            owner.passTime();
            assertThat(owner.healthy()).isTrue();
          });
    }
  }
}
