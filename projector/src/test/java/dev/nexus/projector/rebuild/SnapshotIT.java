package dev.nexus.projector.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.projector.Running;
import dev.nexus.projector.Story;
import dev.nexus.projector.ingress.EventNames;
import dev.nexus.projector.ingress.OutsideStory;
import dev.nexus.projector.rebuild.RebuildStatus.State;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Projections that are made from a snapshot and the rest of the log.
class SnapshotIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int KEPT = 60;
  private static final Duration OFTEN = Duration.ofMillis(200);
  private static final Set<String> EVENTS = Set.of("events");
  private static final EventCodec<IngressEvent> CODEC =
      EventCodec.of(Topic.EVENTS, IngressEvent.class);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();
  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();

  private Running running;

  @BeforeEach
  void begin() {
    redis.clear();
    running = new Running(broker.clients(), redis.client(), KEPT);
  }

  @AfterEach
  void end() {
    running.close();
  }

  private List<SnapshotTaken> kept(Topic topic, int partition) {
    return running.snapshots().index().kept(Owner.PROJECTOR, topic, partition);
  }

  private int partitions() {
    return BrokerExtension.SPREAD.executionPartitions();
  }

  /// Takes two snapshots of every partition, with facts before, between and behind them.
  private void snapshots() {
    running.writeStories("first", 300);
    try (SnapshotTaker taker = running.taker("taker", Duration.ofMillis(500))) {
      taker.start();
      awaitKept(1);
      running.writeStories("second", 150);
      awaitKept(2);
    }
    running.writeStories("third", 50);
  }

  private void awaitKept(int count) {
    Eventually.holds(
        PATIENCE,
        () -> {
          for (int partition = 0; partition < partitions(); partition++) {
            assertThat(kept(Topic.EXECUTIONS, partition)).hasSize(count);
          }
        });
  }

  /// Deletes what the older snapshots have, or what the newest ones have.
  private void cut(boolean newest) throws ExecutionException, InterruptedException {
    Map<TopicPartition, RecordsToDelete> before = new HashMap<>();
    for (int partition = 0; partition < partitions(); partition++) {
      List<SnapshotTaken> kept = kept(Topic.EXECUTIONS, partition);
      before.put(
          new TopicPartition(broker.clients().name(Topic.EXECUTIONS), partition),
          RecordsToDelete.beforeOffset((newest ? kept.getFirst() : kept.getLast()).next()));
    }
    delete(before);
  }

  private static void delete(Map<TopicPartition, RecordsToDelete> before)
      throws ExecutionException, InterruptedException {
    try (Admin admin = broker.clients().admin()) {
      admin.deleteRecords(before).all().get();
    }
  }

  private static Slot slot(Topic topic, int partition) {
    return new Slot(broker.clients().name(topic), partition);
  }

  private static Mark mark(Topic topic, int partition) {
    Slot slot = slot(topic, partition);
    try (var store = new ProjectionStore(redis.client(), "test")) {
      return store.position(slot) instanceof StoredPosition.At at ? at.mark() : new Mark("", 0);
    }
  }

  private void assertEqual() {
    Verification verification = running.verify();
    assertThat(verification.differences()).isEmpty();
    assertThat(verification.notCompared()).isEmpty();
    assertThat(verification.names()).isGreaterThan(100);
  }

  @Test
  void shouldGiveWhatTheWholeLogGivesAlsoAfterAWipeAndInARebuild() throws Exception {
    // Given
    snapshots();

    // When nothing is stored, and the log still has everything
    running.start("a");

    // Then what a snapshot gave is what the whole log gives
    assertEqual();

    // When the log has only its tail and nothing is stored again
    cut(false);
    redis.clear();
    running.start("b");
    running.writeStories("after", 20);

    // Then
    assertEqual();

    // When it is rebuilt beside two projectors
    cut(true);
    String before = mark(Topic.EXECUTIONS, 1).generation();
    Rebuilds rebuilds = running.rebuilds("c");
    rebuilds.begin(Set.of("executions"));
    running.writeStories("live", 50);

    // Then
    awaitDone(rebuilds);
    assertThat(rebuilds.status().parts())
        .singleElement()
        .satisfies(part -> assertThat(part.snapshots()).isPositive().isEqualTo(part.began()))
        .satisfies(part -> assertThat(part.resumed()).isZero());
    assertThat(mark(Topic.EXECUTIONS, 1).generation()).isGreaterThan(before);
    assertEqual();
  }

  @Test
  void shouldStayUsableWhenTwoProjectorsTakeTheSameOne() throws Exception {
    // Given two that nothing keeps apart: Redis loses what does
    running.writeStories("first", 100);
    try (SnapshotTaker one = running.taker("one", Duration.ofMillis(200));
        SnapshotTaker other = running.taker("other", Duration.ofMillis(200));
        var connection = redis.client().connect()) {
      one.start();
      other.start();
      for (int round = 1; round <= 2; round++) {
        running.writeStories("round" + round, 60);
        List<Long> ends = IntStream.range(0, partitions()).mapToObj(this::end).toList();
        Eventually.holds(
            PATIENCE,
            () -> {
              connection.sync().flushall();
              for (int partition = 0; partition < partitions(); partition++) {
                List<SnapshotTaken> kept = kept(Topic.EXECUTIONS, partition);
                assertThat(kept).isNotEmpty();
                assertThat(kept.getFirst().next()).isEqualTo(ends.get(partition));
              }
            });
      }
    }

    // When the log has only what the older ones lack, and nothing else is stored
    cut(false);
    redis.clear();
    running.start("later");

    // Then
    assertEqual();
  }

  private static void awaitDone(Rebuilds rebuilds) {
    RebuildStatus status =
        Eventually.value(
            PATIENCE,
            rebuilds::status,
            s -> List.of(State.DONE, State.FAILED).contains(s.state()),
            "the rebuild's end");
    assertThat(status.reason()).isEmpty();
  }

  private long end(int partition) {
    var facts = new TopicPartition(broker.clients().name(Topic.EXECUTIONS), partition);
    try (var consumer = broker.clients().assignedConsumer("snapshot-it")) {
      return consumer.endOffsets(List.of(facts)).getOrDefault(facts, -1L);
    }
  }

  @Test
  void shouldBeginAnewWhereTheLogOrAFillEndsTooEarly() throws Exception {
    // Given a projector that ended before the snapshots were taken
    running.writeStories("zeroth", 50);
    var early = running.start("early");
    assertEqual();
    early.close();
    snapshots();
    cut(true);

    // When
    var late = running.start("late");

    // Then
    assertEqual();
    late.close();

    // Given the position of a fill that was cut off half-way
    for (int partition = 0; partition < partitions(); partition++) {
      String slot = broker.clients().name(Topic.EXECUTIONS) + "/" + partition;
      try (var connection = redis.client().connect()) {
        connection.sync().hset("_:{" + slot + "}:position", "next", "-7");
      }
    }

    // When
    running.start("later");

    // Then it was begun anew
    assertEqual();
    assertThat(mark(Topic.EXECUTIONS, 1).next()).isPositive();
  }

  /// Outside events on partition 0, each with its verdict behind it.
  private void writeOutside(int first, int count) {
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      String id = "o-" + i;
      var accepted = OutsideStory.accepted(id, "urn:shop", Story.BEGIN.plusSeconds(i));
      var verdict = OutsideStory.unmatched(id, "urn:shop", 2L * i);
      sent.add(running.producer().send(CODEC, Topic.EVENTS, 0, "default/event", accepted));
      sent.add(running.producer().send(CODEC, Topic.EVENTS, 0, "default/event", verdict));
    }
    sent.forEach(CompletableFuture::join);
  }

  /// Takes snapshots until the newest of the outside events ends at `next`.
  private void takeOfEvents(Clock clock, long next) {
    try (SnapshotTaker taker = running.taker("taker-" + next, OFTEN, clock)) {
      taker.start();
      Eventually.holds(
          PATIENCE,
          () ->
              assertThat(kept(Topic.EVENTS, 0).stream().map(SnapshotTaken::next).toList())
                  .startsWith(next));
    }
  }

  /// As the broker does with what is too old, whatever snapshots have.
  private static void deleteEvents(long before) throws ExecutionException, InterruptedException {
    var events = new TopicPartition(broker.clients().name(Topic.EVENTS), 0);
    delete(Map.of(events, RecordsToDelete.beforeOffset(before)));
  }

  private static void assertUnmatched(int count) {
    Eventually.holds(
        PATIENCE,
        () -> {
          String generation = mark(Topic.EVENTS, 0).generation();
          String counts = slot(Topic.EVENTS, 0).name(generation, EventNames.counts(Story.TENANT));
          try (var connection = redis.client().connect()) {
            assertThat(connection.sync().hgetall(counts))
                .isEqualTo(Map.of("UNMATCHED", Integer.toString(count)));
          }
        });
  }

  @Test
  void shouldKeepTheCountsOfOutsideEventsThatTheBrokerHasDeletedSince() throws Exception {
    // Given a snapshot, and too few events since for their number to make another due
    writeOutside(0, 100);
    takeOfEvents(Clock.systemUTC(), 200);
    writeOutside(100, 3);
    running.start("a");
    assertUnmatched(103);

    // When these are four days old, and the broker deletes all of them later
    takeOfEvents(Clock.offset(Clock.systemUTC(), Duration.ofDays(4)), 206);
    deleteEvents(206);
    Rebuilds rebuilds = running.rebuilds("b");
    String before = mark(Topic.EVENTS, 0).generation();
    rebuilds.begin(EVENTS);
    awaitDone(rebuilds);

    // Then a rebuild forgets nothing
    assertThat(mark(Topic.EVENTS, 0).generation()).isGreaterThan(before);
    assertUnmatched(103);
    assertEqual();

    // When nothing is stored
    redis.clear();
    running.start("c");
    writeOutside(103, 2);

    // Then
    assertUnmatched(105);
    assertEqual();
  }

  @Test
  void shouldRefuseToForgetOutsideEventsThatNoSnapshotHas() throws Exception {
    // Given events that the broker deletes before a snapshot has them
    running.writeStories("one", 10);
    writeOutside(0, 100);
    takeOfEvents(Clock.systemUTC(), 200);
    writeOutside(100, 3);
    running.start("a");
    assertUnmatched(103);
    deleteEvents(204);

    // Then
    Rebuilds rebuilds = running.rebuilds("b");
    assertRefused(rebuilds, "folded from 0, and the log begins at 204: a rebuild would forget");
    Verification verification = running.verify();
    assertThat(verification.outcome()).isEqualTo(Verification.Outcome.NOT_WHOLE);
    assertThat(verification.differences()).isEmpty();
    assertThat(verification.notCompared())
        .containsExactly(
            slot(Topic.EVENTS, 0)
                + ": it was folded from 0, and what the log and its snapshots have begins at 204");

    // When there is a snapshot again, of what the log still has
    takeOfEvents(Clock.systemUTC(), 206);

    // Then
    assertRefused(rebuilds, "begins at 204, its newest snapshot at 204: a rebuild would forget");
    assertThatThrownBy(() -> rebuilds.begin(Set.of()))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e ->
                assertThat(e.problem().detail())
                    .contains(
                        "folded from 0", "; './nexus rebuild executions", "' rebuilds the others")
                    .doesNotContain(" events "));
    assertUnmatched(103);
  }

  private static void assertRefused(Rebuilds rebuilds, String why) {
    assertThatThrownBy(() -> rebuilds.begin(EVENTS))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().kind()).isEqualTo("rebuild-refused");
              assertThat(e.problem().detail()).contains(slot(Topic.EVENTS, 0).toString(), why);
            });
    assertThat(rebuilds.status().state()).isEqualTo(State.NONE);
  }
}
