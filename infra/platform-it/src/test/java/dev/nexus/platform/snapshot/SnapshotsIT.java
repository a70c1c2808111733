package dev.nexus.platform.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.PositionCovered;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.snapshot.SnapshotStore.Stored;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What processes know of each other's snapshots.
class SnapshotsIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();

  private static final String LOG = "cluster/topic";

  @TempDir Path directory;
  private EventProducer producer;
  private Snapshots one;
  private Snapshots other;

  @BeforeEach
  void begin() {
    producer = new EventProducer(BROKER.clients(), "snapshots-it");
    one = snapshots("one");
    other = snapshots("other");
  }

  @AfterEach
  void end() {
    one.close();
    other.close();
    producer.close();
  }

  private Snapshots snapshots(String instance) {
    Snapshots snapshots = unread(instance).start();
    snapshots.awaitCaughtUp(Duration.ofMinutes(2));
    return snapshots;
  }

  /// Of a process that has not begun to read.
  private Snapshots unread(String instance) {
    var deadLetters = new DeadLetters(producer, instance, Clock.systemUTC());
    var store = new SnapshotStore(directory);
    return new Snapshots(
        BROKER.clients(), producer, deadLetters, store, instance, Clock.systemUTC());
  }

  private SnapshotTaken taken(long next, String log) {
    Stored stored = one.store().write("router-" + next, sink -> sink.put(new byte[1], new byte[2]));
    return new SnapshotTaken(
        Owner.ROUTER.name(),
        Topic.EXECUTIONS.topicName(),
        2,
        next,
        0,
        log,
        1,
        stored.name(),
        stored.sha256(),
        stored.bytes(),
        stored.entries(),
        "");
  }

  private void announce(long next) {
    one.announce(taken(next, LOG));
  }

  private long covered() {
    return other.index().covered(Owner.ROUTER, Topic.EXECUTIONS, 2, LOG).orElse(-1);
  }

  @Test
  void shouldKeepTheNewestTwoAndCoverOnlyWhatTheOlderHas() {
    announce(100);
    Eventually.holds(
        () -> assertThat(other.index().kept(Owner.ROUTER, Topic.EXECUTIONS, 2)).hasSize(1));
    assertThat(covered()).isEqualTo(-1);

    announce(200);
    Eventually.holds(() -> assertThat(covered()).isEqualTo(100));

    announce(300);
    Eventually.holds(() -> assertThat(covered()).isEqualTo(200));
    assertThat(other.index().kept(Owner.ROUTER, Topic.EXECUTIONS, 2))
        .extracting(SnapshotTaken::next)
        .containsExactly(300L, 200L);
    assertThat(other.index().kept(Owner.ROUTER, Topic.EXECUTIONS, 1)).isEmpty();
  }

  @Test
  void shouldTakeTheOlderOneWhenTheNewestIsDamaged() throws IOException {
    // Given
    announce(100);
    announce(200);
    Eventually.holds(() -> assertThat(covered()).isEqualTo(100));
    SnapshotTaken newest =
        other.index().newest(Owner.ROUTER, Topic.EXECUTIONS, 2, s -> true).orElseThrow();
    assertThat(newest.next()).isEqualTo(200);

    // When
    Files.writeString(directory.resolve(newest.file()), "something else");

    // Then
    assertThat(other.index().newest(Owner.ROUTER, Topic.EXECUTIONS, 2, s -> true))
        .hasValueSatisfying(left -> assertThat(left.next()).isEqualTo(100));
  }

  @Test
  void shouldReplaceSnapshotsOfAnotherLogFirst() {
    one.announce(taken(900, "another"));
    one.announce(taken(950, "another"));
    announce(100);
    announce(200);

    Eventually.holds(() -> assertThat(covered()).isEqualTo(100));
  }

  @Test
  void shouldBelieveAnOwnerWithoutFilesItsNewestWord() {
    Owner owner = Owner.oracle(0);
    one.announce(new PositionCovered(owner.name(), Topic.EXECUTIONS.topicName(), 2, 10, LOG));
    one.announce(new PositionCovered(owner.name(), Topic.EXECUTIONS.topicName(), 2, 70, LOG));

    Eventually.holds(
        () ->
            assertThat(other.index().covered(owner, Topic.EXECUTIONS, 2, LOG).orElse(-1))
                .isEqualTo(70));
    assertThat(other.index().covered(owner, Topic.EXECUTIONS, 2, "another")).isEmpty();
  }

  @Test
  void shouldKnowAfterAStartWhatWasAnnouncedBefore() {
    announce(100);
    announce(200);

    try (Snapshots later = snapshots("later")) {
      assertThat(later.index().covered(Owner.ROUTER, Topic.EXECUTIONS, 2, LOG).orElse(-1))
          .isEqualTo(100);
    }
  }

  @Test
  void shouldReplaceADamagedOneBeforeAWholeOneAndCountNoneThatIsGone() throws IOException {
    // Given
    announce(100);
    announce(200);
    Eventually.holds(() -> assertThat(covered()).isEqualTo(100));
    SnapshotTaken newest =
        one.index().newest(Owner.ROUTER, Topic.EXECUTIONS, 2, s -> true).orElseThrow();
    Files.writeString(directory.resolve(newest.file()), "something else");

    // When
    announce(300);

    // Then
    Eventually.holds(
        () ->
            assertThat(other.index().kept(Owner.ROUTER, Topic.EXECUTIONS, 2))
                .extracting(SnapshotTaken::next)
                .containsExactly(300L, 100L));

    // When one is gone
    Files.delete(
        directory.resolve(one.index().kept(Owner.ROUTER, Topic.EXECUTIONS, 2).getFirst().file()));

    // Then nothing may be deleted on its word
    assertThat(covered()).isEqualTo(-1);
  }

  /// An owner that stood still while others went on knows of a place what stood there before.
  @Test
  void shouldNotTakeBackANewerOneThatStandsInThePlaceOfALostOne() {
    // Given an owner that knows one that was announced, and not yet what has taken its place
    announce(100);
    SnapshotTaken lost = one.index().kept(Owner.ROUTER, Topic.EXECUTIONS, 2).getFirst();
    try (Snapshots late = unread("late")) {
      late.index().know(Announcement.key(lost) + "/0", lost);
      announce(200);
      announce(300);

      // When it takes that back, again where it could not read in time what is announced
      late.start();
      Eventually.holds(() -> assertThatCode(() -> late.retract(lost)).doesNotThrowAnyException());
    }

    // Then
    try (Snapshots later = snapshots("later")) {
      assertThat(later.index().kept(Owner.ROUTER, Topic.EXECUTIONS, 2))
          .extracting(SnapshotTaken::next)
          .containsExactly(300L, 200L);
    }
  }
}
