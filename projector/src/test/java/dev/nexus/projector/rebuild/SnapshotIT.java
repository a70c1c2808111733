package dev.nexus.projector.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.projector.Running;
import dev.nexus.projector.rebuild.RebuildStatus.State;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  private List<SnapshotTaken> kept(int partition) {
    return running.snapshots().index().kept(Owner.PROJECTOR, Topic.EXECUTIONS, partition);
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
            assertThat(kept(partition)).hasSize(count);
          }
        });
  }

  /// Deletes what the older snapshots have, or what the newest ones have.
  private void cut(boolean newest) throws ExecutionException, InterruptedException {
    Map<TopicPartition, RecordsToDelete> before = new HashMap<>();
    for (int partition = 0; partition < partitions(); partition++) {
      List<SnapshotTaken> kept = kept(partition);
      before.put(
          new TopicPartition(broker.clients().name(Topic.EXECUTIONS), partition),
          RecordsToDelete.beforeOffset((newest ? kept.getFirst() : kept.getLast()).next()));
    }
    try (Admin admin = broker.clients().admin()) {
      admin.deleteRecords(before).all().get();
    }
  }

  private Mark mark(int partition) {
    var slot = new Slot(broker.clients().name(Topic.EXECUTIONS), partition);
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
    String before = mark(1).generation();
    Rebuilds rebuilds = running.rebuilds("c");
    rebuilds.begin(Set.of("executions"));
    running.writeStories("live", 50);

    // Then
    RebuildStatus status =
        Eventually.value(
            PATIENCE,
            rebuilds::status,
            s -> List.of(State.DONE, State.FAILED).contains(s.state()),
            "the rebuild's end");
    assertThat(status.reason()).isEmpty();
    assertThat(mark(1).generation()).isGreaterThan(before);
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
                assertThat(kept(partition)).isNotEmpty();
                assertThat(kept(partition).getFirst().next()).isEqualTo(ends.get(partition));
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
    assertThat(mark(1).next()).isPositive();
  }
}
