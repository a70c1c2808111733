package dev.nexus.projector.rebuild;

import static dev.nexus.projector.CutLog.facts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.projector.CutLog;
import dev.nexus.projector.Running;
import dev.nexus.projector.rebuild.RebuildStatus.State;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.projector.store.Track;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A log that loses its end with the power and grows past it again while no projector looks.
class CutLogIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();

  @TempDir Path directory;
  private CutLog log;

  @BeforeEach
  void begin() {
    redis.clear();
    log = new CutLog(directory.resolve("kafka"));
  }

  @AfterEach
  void end() {
    log.close();
  }

  private Running running() {
    return new Running(
        log.clients(), redis.client(), Running.all(1_000), directory.resolve("snapshots"));
  }

  private void project(String instance) {
    try (Running running = running()) {
      running.start(instance);
      assertEqual(running);
    }
  }

  private static void assertEqual(Running running) {
    Verification verification = running.verify();
    assertThat(verification.differences()).isEmpty();
    assertThat(verification.notCompared()).isEmpty();
  }

  private StoredPosition.At stored() {
    var facts = new Slot(log.clients().name(Topic.EXECUTIONS), 0);
    try (var store = new ProjectionStore(redis.client(), "test")) {
      return (StoredPosition.At) store.position(facts);
    }
  }

  /// Puts what is read in the place of what an interrupted rebuild left, beside a generation that
  /// nobody has come far with.
  private void leaveAsShadow() {
    var facts = new Slot(log.clients().name(Topic.EXECUTIONS), 0);
    String live = facts.positionName(Track.LIVE);
    try (var connection = redis.client().connect()) {
      var sync = connection.sync();
      sync.hset(facts.positionName(Track.SHADOW), sync.hgetall(live));
      sync.hset(live, Map.of("generation", "00000000001", "next", "0"));
      sync.hdel(live, "last", "by");
    }
  }

  @Test
  void shouldFoldAgainWhatGrewPastThePlaceOfWhatWasLost() throws IOException {
    // Given what is shown of a log that then loses its end
    log.write(facts("first", 10));
    project("a");
    long shown = log.end();
    StoredPosition.At before = stored();
    log.losePower();
    assertThat(log.end()).isLessThan(shown);

    // When others have been written past that place before anybody looks
    log.write(facts("other", 10));
    assertThat(log.end()).isGreaterThan(shown);
    project("b");

    // Then what is shown is what the log has
    assertThat(stored().mark().generation()).isGreaterThan(before.mark().generation());
    assertThat(stored().mark().next()).isEqualTo(log.end());
  }

  private static List<SnapshotTaken> kept(Running running) {
    return running.snapshots().index().kept(Owner.PROJECTOR, Topic.EXECUTIONS, 0);
  }

  @Test
  void shouldNotFillAnEmptyStoreFromASnapshotOfWhatWasLost() throws IOException {
    // Given a snapshot of a log that then loses its end
    log.write(facts("first", 10));
    try (Running running = running();
        SnapshotTaker taker = running.taker("taker", Duration.ofMillis(200))) {
      taker.start();
      Eventually.holds(PATIENCE, () -> assertThat(kept(running)).hasSize(1));
    }
    long covered = log.end();
    log.losePower();
    assertThat(log.end()).isLessThan(covered);

    // When others have been written past that place, and nothing is stored
    log.write(facts("other", 10));
    assertThat(log.end()).isGreaterThan(covered);
    redis.clear();
    project("b");

    // Then what is shown is what the log has, and the snapshot is taken back
    assertThat(stored().mark().next()).isEqualTo(log.end());
    try (Running running = running()) {
      running.snapshots().awaitCaughtUp(PATIENCE);
      assertThat(kept(running)).isEmpty();
    }
  }

  @Test
  void shouldTellByTheEpochWhenTheLastFactStandsWhereItStood() throws IOException {
    // Given
    List<Event<ExecutionEvent>> facts = facts("first", 10);
    log.write(facts);
    project("a");
    StoredPosition.At before = stored();
    log.losePower();

    // When
    int kept = Math.toIntExact(log.end());
    assertThat(kept).isLessThan(facts.size());
    log.write(facts.subList(kept, facts.size()));
    project("b");

    // Then
    assertThat(stored().last().orElseThrow().epoch())
        .isGreaterThan(before.last().orElseThrow().epoch());
    assertThat(stored().mark().generation()).isGreaterThan(before.mark().generation());
  }

  @Test
  void shouldNoticeItWhileItRunsAndHasReadNothingYet() throws IOException {
    // Given a projector that found everything folded
    log.write(facts("first", 10));
    project("a");
    String before = stored().mark().generation();
    try (Running watching = running()) {
      watching.start("b");

      // When the log loses its end, and grows where the projector does not see it
      log.losePowerAndGrowUnseen(facts("other", 10));

      // Then
      Eventually.holds(
          PATIENCE, () -> assertThat(stored().mark().generation()).isGreaterThan(before));
      assertEqual(watching);
    }
  }

  @Test
  void shouldNotGoOnWithAShadowOfWhatWasLost() throws IOException {
    // Given
    log.write(facts("first", 10));
    project("a");
    String shadow = stored().mark().generation();
    leaveAsShadow();
    log.losePower();
    log.write(facts("other", 10));

    // When nobody folds what is read
    try (Running running = running()) {
      Rebuilds rebuilds = running.rebuilds("b");
      rebuilds.begin(Set.of("executions"));
      Eventually.value(PATIENCE, rebuilds::status, s -> s.state() == State.DONE, "its end");
    }

    // Then
    assertThat(stored().mark().generation()).isGreaterThan(shadow);
    project("c");
    assertThat(stored().mark().next()).isEqualTo(log.end());
  }

  @Test
  void shouldGoOnWhereItStoodWhenNothingWasLost() {
    // Given
    log.write(facts("first", 10));
    project("a");
    StoredPosition.At before = stored();

    // When the broker begins anew and the log grows
    log.restart();
    log.write(facts("other", 2));
    project("b");

    // Then
    assertThat(stored().mark().generation()).isEqualTo(before.mark().generation());
    assertThat(stored().mark().next()).isEqualTo(log.end());
  }
}
