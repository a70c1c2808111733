package dev.nexus.platform.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.Imprint;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What is left when a process is killed at one of the seams of taking a snapshot, when two take
/// the same, when the disk does not take it, and when its layout is used no more.
class SnapshotSeriesIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();

  private static final String LOG = "cluster/topic";
  private static final int PARTITION = 1;
  private static final Clock NOW = Clock.systemUTC();
  private static final Clock IN_TWO_HOURS = Clock.offset(NOW, Duration.ofHours(2));

  @TempDir Path directory;
  private EventProducer producer;
  private final List<Snapshots> following = new ArrayList<>();

  @BeforeEach
  void begin() {
    producer = new EventProducer(BROKER.clients(), "snapshot-series-it");
  }

  @AfterEach
  void end() {
    following.forEach(Snapshots::close);
    producer.close();
  }

  /// As a process that begins now; it may not know yet what was announced.
  private Snapshots process(Clock clock) {
    Snapshots snapshots =
        new Snapshots(
                BROKER.clients(),
                producer,
                new DeadLetters(producer, "test", NOW),
                new SnapshotStore(files()),
                "process-" + following.size(),
                clock)
            .start();
    following.add(snapshots);
    return snapshots;
  }

  private Snapshots knowing(Clock clock) {
    Snapshots snapshots = process(clock);
    snapshots.awaitCaughtUp(Duration.ofMinutes(2));
    return snapshots;
  }

  private Path files() {
    return directory.resolve("snapshots");
  }

  private static SnapshotSeries series(Snapshots snapshots, int layout) {
    return new SnapshotSeries(snapshots, new Owner("router", layout), Topic.EXECUTIONS, LOG);
  }

  private static void take(SnapshotSeries series, long next) {
    series.take(
        PARTITION,
        0,
        next,
        Optional.empty(),
        entries -> entries.put(new byte[100], new byte[10_000]));
  }

  private static List<Long> kept(Snapshots snapshots) {
    return snapshots.index().kept(Owner.ROUTER, Topic.EXECUTIONS, PARTITION).stream()
        .map(SnapshotTaken::next)
        .toList();
  }

  private static OptionalLong covered(Snapshots snapshots, int layout) {
    return snapshots.index().covered(new Owner("router", layout), Topic.EXECUTIONS, PARTITION, LOG);
  }

  @Test
  void shouldKnowNothingOfAFileThatWasWrittenWhenItsProcessWasKilled() throws IOException {
    // Given two that are announced
    Snapshots killed = knowing(NOW);
    take(series(killed, 1), 100);
    take(series(killed, 1), 200);

    // When a process is killed with half a file, and another before its file is announced
    Files.write(files().resolve("router-300.snapshot.fresh"), new byte[50]);
    String whole =
        killed.store().write("router-300", sink -> sink.put(new byte[1], new byte[1])).name();
    killed.close();

    // Then others go on from what was announced, and facts stay where that reaches
    Snapshots next = knowing(NOW);
    assertThat(series(next, 1).newest(PARTITION, 0, 500, (_, _) -> false))
        .hasValueSatisfying(newest -> assertThat(newest.next()).isEqualTo(200));
    assertThat(covered(next, 1)).hasValue(100);

    // and the next attempt succeeds, and leaves alone what may still be announced
    take(series(next, 1), 300);
    assertThat(kept(next)).containsExactly(300L, 200L);
    assertThat(next.store().has(whole)).isTrue();

    // When that is too long ago
    take(series(knowing(IN_TWO_HOURS), 1), 400);

    // Then
    assertThat(kept(next)).hasSize(2);
    assertThat(Files.list(files())).hasSize(2);
  }

  @Test
  void shouldLetAProcessThatStoodStillDeleteNothingThatOthersHaveAnnounced() throws IOException {
    // Given
    Snapshots one = knowing(NOW);
    take(series(one, 1), 100);
    take(series(one, 1), 200);

    // When somebody tidies up who does not know what was announced yet
    process(IN_TWO_HOURS).tidy();

    // Then
    assertThat(Files.list(files())).hasSize(2);
    assertThat(series(one, 1).newest(PARTITION, 0, 500, (_, _) -> false)).isPresent();

    // When it announces what it wrote long ago
    var stale = series(process(NOW), 1);
    take(stale, 150);
    take(stale, 200);
    take(stale, 120);

    // Then it replaces what is older still, and nothing else; its other files are gone
    Eventually.holds(() -> assertThat(kept(one)).containsExactly(200L, 150L));
    assertThat(Files.list(files())).hasSize(3);
  }

  @Test
  void shouldStayUsableWhenTwoTakeTheSameAtTheSameTime() throws Exception {
    // Given two owners of one partition
    Snapshots one = knowing(NOW);
    Snapshots other = knowing(NOW);
    var together = new CyclicBarrier(2);
    List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());

    // When
    List<Thread> owners = new ArrayList<>();
    for (Snapshots owner : List.of(one, other)) {
      owners.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int round = 1; round <= 8; round++) {
                        together.await(2, TimeUnit.MINUTES);
                        take(series(owner, 1), round * 100L);
                      }
                    } catch (Throwable e) {
                      failures.add(e);
                    }
                  }));
    }
    for (Thread owner : owners) {
      owner.join();
    }

    // Then
    assertThat(failures).isEmpty();
    Snapshots next = knowing(IN_TWO_HOURS);
    List<SnapshotTaken> kept = next.index().kept(Owner.ROUTER, Topic.EXECUTIONS, PARTITION);
    assertThat(kept).hasSize(2);
    assertThat(kept.getFirst().next()).isEqualTo(800);
    assertThat(kept)
        .allSatisfy(
            taken -> assertThat(next.store().isWhole(taken.file(), taken.sha256())).isTrue());
    assertThat(covered(next, 1)).hasValue(kept.getLast().next());

    // and the next attempt succeeds and leaves no file that nobody names
    take(series(next, 1), 900);
    assertThat(kept(next)).containsExactly(900L, 800L);
    assertThat(Files.list(files())).hasSize(2);
  }

  @Test
  void shouldTryAgainWhereTheDiskDidNotTakeIt() throws IOException {
    // Given a directory that cannot be written to
    Snapshots snapshots = knowing(NOW);
    take(series(snapshots, 1), 100);
    Path away = Files.move(files(), directory.resolve("away"));
    Files.writeString(files(), "in its place");

    // Then
    assertThatThrownBy(() -> take(series(snapshots, 1), 200))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("a snapshot cannot be written to " + files());
    assertThat(kept(snapshots)).containsExactly(100L);
    assertThat(series(snapshots, 1).due(PARTITION, 0, 200)).isTrue();
    assertThat(covered(snapshots, 1)).isEmpty();

    // When it is back
    Files.delete(files());
    Files.move(away, files());
    take(series(snapshots, 1), 200);

    // Then
    assertThat(covered(snapshots, 1)).hasValue(100);
  }

  @Test
  void shouldCountNothingForCoveredThatIsInALayoutThatIsUsedNoMore() {
    // Given
    Snapshots snapshots = knowing(NOW);
    take(series(snapshots, 1), 100);
    take(series(snapshots, 1), 200);
    assertThat(covered(snapshots, 1)).hasValue(100);

    // Then who uses another layout has nothing
    assertThat(covered(snapshots, 2)).isEmpty();
    assertThat(series(snapshots, 2).newest(PARTITION, 0, 500, (_, _) -> false)).isEmpty();
    assertThat(series(snapshots, 2).due(PARTITION, 0, 200)).isTrue();

    // When it takes one
    take(series(snapshots, 2), 150);

    // Then one is not enough yet, for the old layout neither
    assertThat(covered(snapshots, 1)).isEmpty();
    assertThat(covered(snapshots, 2)).isEmpty();

    // When it takes another
    take(series(snapshots, 2), 300);

    // Then
    assertThat(covered(snapshots, 1)).isEmpty();
    Eventually.holds(() -> assertThat(covered(snapshots, 2)).hasValue(150));
  }

  @Test
  void shouldTakeBackOneThatEndsWithWhatTheLogHasLost() {
    // Given two, of which the log has the last record of the older one only
    Snapshots snapshots = knowing(NOW);
    Imprint there = Imprint.written(99, "key", new byte[] {1});
    Imprint lost = Imprint.written(199, "key", new byte[] {2});
    SnapshotSeries series = series(snapshots, 1);
    series.take(PARTITION, 0, 100, Optional.of(there), entries -> {});
    series.take(PARTITION, 0, 200, Optional.of(lost), entries -> {});

    // When
    var newest = series.newest(PARTITION, 0, 500, (last, next) -> last.equals(lost));

    // Then
    assertThat(newest).hasValueSatisfying(taken -> assertThat(taken.next()).isEqualTo(100));
    assertThat(kept(snapshots)).containsExactly(100L);
    assertThat(kept(knowing(NOW))).containsExactly(100L);
    assertThat(covered(snapshots, 1)).isEmpty();
  }

  @Test
  void shouldConcludeNothingWhereTheLogNoLongerHasTheLastRecord() {
    // Given
    Snapshots snapshots = knowing(NOW);
    SnapshotSeries series = series(snapshots, 1);
    Imprint last = Imprint.written(99, "key", new byte[] {1});
    series.take(PARTITION, 0, 100, Optional.of(last), entries -> {});

    // Then
    assertThat(series.newest(PARTITION, 100, 500, (_, _) -> true)).isPresent();
    assertThat(series.newest(PARTITION, 99, 500, (_, _) -> true)).isEmpty();
  }

  @Test
  void shouldLeaveAloneWhatANewerVersionTellsInAnotherForm() {
    // Given
    Snapshots snapshots = knowing(NOW);
    take(series(snapshots, 1), 100);
    SnapshotTaken known =
        snapshots.index().kept(Owner.ROUTER, Topic.EXECUTIONS, PARTITION).getFirst();

    // When
    snapshots.announce(
        new SnapshotTaken(
            known.owner(),
            known.topic(),
            known.partition(),
            200,
            known.since(),
            known.log(),
            known.layout(),
            known.file(),
            known.sha256(),
            known.bytes(),
            known.entries(),
            "v2 199 in other words"));

    // Then
    assertThat(kept(snapshots)).containsExactly(200L, 100L);
    assertThat(series(snapshots, 1).newest(PARTITION, 0, 500, (_, _) -> false))
        .hasValueSatisfying(newest -> assertThat(newest.next()).isEqualTo(100));
    assertThat(kept(snapshots)).containsExactly(200L, 100L);
  }
}
