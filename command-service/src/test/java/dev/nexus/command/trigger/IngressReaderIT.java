package dev.nexus.command.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What outside events come by goes on when a broker or a disk does not do its part.
class IngressReaderIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();
  @TempDir Path data;

  private IngressStage stage;

  @BeforeEach
  void begin() {
    stage = new IngressStage(BROKER, data);
  }

  @AfterEach
  void end() {
    stage.close();
  }

  @Test
  void shouldReadOnWhenPositionsCannotBeCommitted() {
    // Given: a commit that takes longer than a millisecond fails
    var hasty = BROKER.clients(Map.of("default.api.timeout.ms", "1"));
    try (var reader = stage.reader(hasty)) {
      reader.start();

      for (String name : new String[] {"first", "second", "third"}) {
        // When
        stage.sendNoise(name);

        // Then
        Eventually.holds(() -> assertThat(stage.putAside(name)).isTrue());
      }
      Eventually.holds(() -> assertThat(reader.healthy()).isTrue());
    }
  }

  @Test
  void shouldPutAsideOnceWhatStandsBesideAnEventThatTheLogDoesNotTake() throws Exception {
    // Given: both come in one poll, as they stand there before it
    var meters = new SimpleMeterRegistry();
    BROKER.clients().written().countIn(meters);
    String limit = stage.limitEvents("1");
    double before = refused(meters);
    stage.sendNoiseBeside("beside-noise");
    stage.send("beside-event");
    try (var reader = stage.reader(BROKER.clients())) {
      // When
      reader.start();

      // Then it tries again and again
      Eventually.holds(() -> assertThat(refused(meters)).isGreaterThanOrEqualTo(before + 3));
      assertThat(stage.letIn("beside-")).isEmpty();
      assertThat(stage.timesPutAside("beside-noise")).isEqualTo(1);

      // When
      stage.limitEvents(limit);

      // Then
      Eventually.holds(() -> assertThat(stage.letIn("beside-")).containsExactly("beside-event"));
      Eventually.holds(() -> assertThat(passed()).isEqualTo(2));
      assertThat(stage.timesPutAside("beside-noise")).isEqualTo(1);
      assertThat(stage.letIn("beside-")).hasSize(1);
    }
  }

  /// It hears of a registration some seconds after another process that took the event with it.
  @Test
  void shouldLetAnEventInWhoseSourceIsRegisteredElsewhere() {
    // Given a process whose reads are answered when they have a MiB, or after some seconds
    var late = BROKER.clients(Map.of("fetch.min.bytes", "1048576", "fetch.max.wait.ms", "6000"));
    try (var hearing = stage.hearing(late);
        var reader = stage.reader(BROKER.clients(), hearing)) {
      hearing.start();
      hearing.awaitReady(Duration.ofMinutes(2));
      reader.start();
      reader.awaitReady(Duration.ofMinutes(2));

      // When
      stage.register(Definitions.integration("orders", "later", "urn:later"));
      stage.send(0, "urn:later", "heard-late", "{}");
      stage.send(0, "urn:never", "heard-never", "{}");

      // Then
      Eventually.holds(() -> assertThat(stage.putAside("heard-never")).isTrue());
      assertThat(stage.putAside("heard-late")).isFalse();
      assertThat(stage.letIn("heard-")).containsExactly("heard-late");
    }
  }

  /// Writes to `nexus.events` that the log did not take.
  private static double refused(SimpleMeterRegistry meters) {
    String topic = BROKER.clients().name(Topic.EVENTS);
    return meters.find("nexus.events.failed").tag("topic", topic).functionCounters().stream()
        .mapToDouble(FunctionCounter::count)
        .sum();
  }

  /// How far the first partition of `nexus.ingress` is committed.
  private static long passed() throws ExecutionException, InterruptedException {
    var partition = new TopicPartition(BROKER.clients().name(Topic.INGRESS), 0);
    String group = BROKER.clients().group(ConsumerGroup.TRIGGER.groupName());
    try (Admin admin = BROKER.clients().admin()) {
      OffsetAndMetadata committed =
          admin
              .listConsumerGroupOffsets(group)
              .partitionsToOffsetAndMetadata()
              .get()
              .get(partition);
      return committed == null ? 0 : committed.offset();
    }
  }

  @Test
  void shouldHoldBackOnlyThePartitionOfAnEventThatTheDiskDoesNotTake() throws Exception {
    // Given a file where the directory of large contents has to be
    Path payloads = data.resolve("payloads");
    Files.writeString(payloads, "no directory");
    try (var reader = stage.reader(BROKER.clients())) {
      reader.start();

      // When
      stage.send(0, "held-before", "{}");
      stage.send(0, "held-large", "{\"text\": \"" + "x".repeat(300 << 10) + "\"}");
      stage.send(0, "held-behind", "{}");
      for (int i = 0; i < 3; i++) {
        stage.send(1, "held-neighbour-" + i, "{}");
      }

      // Then
      Eventually.holds(
          () ->
              assertThat(stage.letIn("held-"))
                  .containsExactlyInAnyOrder(
                      "held-before", "held-neighbour-0", "held-neighbour-1", "held-neighbour-2"));
      Eventually.stays(Duration.ofSeconds(3), () -> assertThat(stage.letIn("held-")).hasSize(4));
      stage.send(1, "held-neighbour-3", "{}");
      Eventually.holds(() -> assertThat(stage.letIn("held-")).contains("held-neighbour-3"));

      // When the directory can be written again
      Files.delete(payloads);

      // Then
      Eventually.holds(
          () ->
              assertThat(stage.letIn("held-"))
                  .as("each once")
                  .contains("held-large", "held-behind")
                  .hasSize(7));
    }
  }
}
