package dev.nexus.command.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.snapshot.SnapshotModule;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.Scale;
import dev.nexus.testkit.Seeds;
import dev.nexus.testkit.ShortJvm;
import dev.nexus.topic.Topic;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A process that takes snapshots and deletes facts is killed again and again, at random moments:
/// while it writes a file, announces it, deletes files or facts. Whoever comes next finds snapshots
/// that have everything the log no longer has.
class SnapshotKillIT {
  private static final int KILLS = Scale.of(3);
  /// Far more than a process covers before it is killed, however fast it is.
  private static final int FACTS = 50_000;

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;

  @ParameterizedTest
  @MethodSource("dev.nexus.testkit.Seeds#ofRun")
  void shouldFindAUsableSnapshotOfAllThatWasDeletedWheneverItsProcessIsKilled(long seed)
      throws Exception {
    // Given
    Seeds.print("SnapshotKillIT", seed);
    Random random = new Random(seed);
    Settings settings = broker.settings(Map.of("NEXUS_DATA_DIR", directory.toString()));
    try (EventProducer producer = new EventProducer(broker.clients(), "snapshot-kill-it")) {
      writeFacts(producer);
      long deleted = 0;
      for (int kill = 1; kill <= KILLS; kill++) {
        // When
        long before = deleted;
        Path output = directory.resolve("output-" + kill + ".txt");
        Process process = start(output, settings);
        try {
          Eventually.holds(() -> assertThat(output).content().contains(SnapshotLoop.BEGUN));
          Eventually.holds(
              () -> assertThat(begin()).as("it goes on after a kill").isGreaterThan(before));
          TimeUnit.MILLISECONDS.sleep(random.nextInt(700));
        } finally {
          process.destroyForcibly().waitFor();
        }

        // Then
        deleted = begin();
        assertUsable(producer, settings, deleted);
      }
    }
  }

  private void assertUsable(EventProducer producer, Settings settings, long deleted) {
    try (Snapshots snapshots =
        SnapshotModule.follow(
            broker.clients(),
            producer,
            new DeadLetters(producer, "test", Clock.systemUTC()),
            settings,
            "test",
            Clock.systemUTC())) {
      snapshots.awaitCaughtUp(Duration.ofMinutes(2));
      for (Owner owner : List.of(Owner.ROUTER, Owner.PROJECTOR)) {
        var kept = snapshots.index().kept(owner, Topic.EXECUTIONS, 0);
        assertThat(kept).as("kept by " + owner).hasSize(2);
        assertThat(kept)
            .allSatisfy(
                taken ->
                    assertThat(snapshots.store().isWhole(taken.file(), taken.sha256()))
                        .as(taken.file())
                        .isTrue());
        assertThat(kept.getLast().next()).isGreaterThanOrEqualTo(deleted);
        List<Integer> entries = new ArrayList<>();
        var series = SnapshotLoop.series(snapshots, owner);
        series.read(
            series.newest(0, deleted, FACTS, (_, _) -> false).orElseThrow(),
            (key, value) -> entries.add(value.length));
        assertThat(entries).hasSize(40).containsOnly(1 << 16);
      }
    }
  }

  /// They are old some seconds later.
  private static void writeFacts(EventProducer producer) {
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < FACTS; i++) {
      sent.add(
          producer.send(
              new ProducerRecord<>(
                  broker.clients().name(Topic.EXECUTIONS), 0, "key", new byte[10])));
    }
    sent.forEach(CompletableFuture::join);
  }

  private Process start(Path output, Settings settings) throws IOException {
    List<String> command = ShortJvm.command("512m", SnapshotLoop.class);
    for (Setting setting :
        List.of(Setting.DATA_DIR, Setting.KAFKA_BOOTSTRAP_SERVERS, Setting.KAFKA_TOPIC_PREFIX)) {
      command.add(setting.variable() + "=" + settings.text(setting));
    }
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.to(new File(output.toString())))
        .start();
  }

  private static long begin() {
    var facts = new TopicPartition(broker.clients().name(Topic.EXECUTIONS), 0);
    try (var consumer = broker.clients().assignedConsumer("snapshot-kill-it")) {
      return consumer.beginningOffsets(List.of(facts)).getOrDefault(facts, -1L);
    }
  }
}
