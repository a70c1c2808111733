package dev.nexus.command.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.PositionCovered;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.snapshot.SnapshotModule;
import dev.nexus.platform.snapshot.SnapshotStore.Stored;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Facts go when they are old and nobody needs them, and not before.
class FactRetentionIT {
  private static final String LOG = "log";
  private static final Duration KEPT = Duration.ofSeconds(5);
  private static final Duration SOME_LOOKS = Duration.ofSeconds(3);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private EventProducer producer;
  private Snapshots snapshots;
  private FactRetention retention;

  @BeforeEach
  void begin() {
    producer = new EventProducer(broker.clients(), "retention-it");
    snapshots =
        SnapshotModule.follow(
            broker.clients(),
            producer,
            new DeadLetters(producer, "test", Clock.systemUTC()),
            broker.settings(Map.of("NEXUS_DATA_DIR", directory.toString())),
            "test",
            Clock.systemUTC());
    snapshots.awaitCaughtUp(Duration.ofMinutes(2));
  }

  @AfterEach
  void end() {
    retention.close();
    snapshots.close();
    producer.close();
  }

  /// It looks every second, and by its clock what came before `young` is old, and nothing since.
  private void keep(FactRetention.Limits limits, Instant young) {
    Clock clock = Clock.fixed(young.plus(KEPT), ZoneOffset.UTC);
    retention = new FactRetention(broker.clients(), snapshots, LOG, limits, clock);
    retention.start();
  }

  /// A moment after everything that was written.
  private static Instant now() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(2);
    return Instant.ofEpochMilli(System.currentTimeMillis());
  }

  private void write(int records) {
    write(records, Instant.ofEpochMilli(System.currentTimeMillis()));
  }

  /// @param at what the producer's clock shows
  private void write(int records, Instant at) {
    for (int i = 0; i < records; i++) {
      producer
          .send(
              new ProducerRecord<>(
                  broker.clients().name(Topic.EXECUTIONS),
                  0,
                  at.toEpochMilli(),
                  "key",
                  new byte[1_000]))
          .join();
    }
  }

  private void snapshotsOf(Owner owner, long... next) {
    snapshotsInLayout(owner.layout(), owner, next);
  }

  private void snapshotsInLayout(int layout, Owner owner, long... next) {
    for (long offset : next) {
      Stored file = snapshots.store().write(owner.name(), entries -> {});
      snapshots.announce(
          new SnapshotTaken(
              owner.name(),
              Topic.EXECUTIONS.topicName(),
              0,
              offset,
              0,
              LOG,
              layout,
              file.name(),
              file.sha256(),
              file.bytes(),
              file.entries(),
              ""));
    }
  }

  private void oraclesCover(long next) {
    for (int oracle = 0; oracle < BrokerExtension.SPREAD.oraclePartitions(); oracle++) {
      snapshots.announce(
          new PositionCovered(
              Owner.oracle(oracle).name(), Topic.EXECUTIONS.topicName(), 0, next, LOG));
    }
  }

  private long begin(int partition) {
    var facts = new TopicPartition(broker.clients().name(Topic.EXECUTIONS), partition);
    try (var consumer = broker.clients().assignedConsumer("retention-it")) {
      return consumer.beginningOffsets(List.of(facts)).getOrDefault(facts, -1L);
    }
  }

  @Test
  void shouldDeleteOldFactsUpToWhereEverybodyHasThem() throws Exception {
    // Given
    write(50);
    Instant young = now();
    write(50);
    snapshotsOf(Owner.ROUTER, 30, 90);
    snapshotsOf(Owner.PROJECTOR, 45, 95);
    oraclesCover(80);

    // When
    keep(new FactRetention.Limits(KEPT, 0), young);

    // Then the older snapshot of the router bounds it
    Eventually.holds(() -> assertThat(begin(0)).isEqualTo(30));

    // When it has a newer one
    snapshotsOf(Owner.ROUTER, 97);
    snapshotsOf(Owner.PROJECTOR, 98);

    // Then age does
    Eventually.holds(() -> assertThat(begin(0)).isEqualTo(50));
    assertThat(begin(1)).isZero();
  }

  @Test
  void shouldDeleteOldFactsWhateverTimeTheirProducersSaid() throws Exception {
    // Given
    write(10);
    write(10, now().plus(Duration.ofDays(365)));
    write(10, Instant.EPOCH);
    Instant young = now();
    write(10, Instant.EPOCH);
    snapshotsOf(Owner.ROUTER, 39, 40);
    snapshotsOf(Owner.PROJECTOR, 39, 40);
    oraclesCover(40);

    // When
    keep(new FactRetention.Limits(KEPT, 0), young);

    // Then
    Eventually.holds(() -> assertThat(begin(0)).isEqualTo(30));
    Eventually.stays(SOME_LOOKS, () -> assertThat(begin(0)).isEqualTo(30));
  }

  @Test
  void shouldDeleteNothingWhileSomebodyDidNotSayWhatHeNeeds() throws Exception {
    // Given
    write(50);
    snapshotsOf(Owner.ROUTER, 30, 50);
    snapshotsOf(Owner.PROJECTOR, 30);
    oraclesCover(50);

    // When
    keep(new FactRetention.Limits(KEPT, 0), now());

    // Then, over some looks
    Eventually.stays(SOME_LOOKS, () -> assertThat(begin(0)).isZero());
    snapshotsOf(Owner.PROJECTOR, 40);
    Eventually.holds(() -> assertThat(begin(0)).isEqualTo(30));
  }

  @Test
  void shouldDeleteNothingOnTheWordOfSnapshotsThatCannotBeUsed() throws Exception {
    // Given two owners of which each has something, but not what it could go on from
    write(50);
    snapshotsOf(Owner.ROUTER, 30, 50);
    snapshotsInLayout(Owner.PROJECTOR.layout() + 1, Owner.PROJECTOR, 30, 50);
    oraclesCover(50);

    // When
    keep(new FactRetention.Limits(KEPT, 0), now());

    // Then a layout that nobody reads deletes nothing
    Eventually.stays(SOME_LOOKS, () -> assertThat(begin(0)).isZero());

    // When the projector has one, and another, that can be used
    snapshotsOf(Owner.PROJECTOR, 20, 40);

    // Then
    Eventually.holds(() -> assertThat(begin(0)).isEqualTo(20));

    // When a file is gone
    Files.delete(
        directory
            .resolve("snapshots")
            .resolve(snapshots.index().kept(Owner.ROUTER, Topic.EXECUTIONS, 0).getFirst().file()));
    snapshotsOf(Owner.PROJECTOR, 45, 50);

    // Then nothing more goes until the router has two again
    Eventually.stays(SOME_LOOKS, () -> assertThat(begin(0)).isEqualTo(20));
    snapshotsOf(Owner.ROUTER, 48);
    Eventually.holds(() -> assertThat(begin(0)).isEqualTo(30));
  }

  @Test
  void shouldDeleteTheOldestPartOfWhatIsTooMuch() {
    // Given a hundred young facts of a kilobyte
    Instant young = Instant.ofEpochMilli(System.currentTimeMillis());
    write(100);
    snapshotsOf(Owner.ROUTER, 99, 100);
    snapshotsOf(Owner.PROJECTOR, 99, 100);
    oraclesCover(100);

    // When half of that may stay
    keep(new FactRetention.Limits(KEPT, 54_000), young);

    // Then
    Eventually.holds(() -> assertThat(begin(0)).isBetween(40L, 60L));
    long begin = begin(0);
    Eventually.stays(SOME_LOOKS, () -> assertThat(begin(0)).isEqualTo(begin));
  }
}
