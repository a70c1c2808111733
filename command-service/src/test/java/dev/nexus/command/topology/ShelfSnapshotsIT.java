package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.APP;
import static dev.nexus.command.topology.RouterFixture.TENANT;
import static dev.nexus.command.topology.RouterFixture.onPartitionZero;
import static dev.nexus.command.topology.RouterFixture.partition;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.command.SetClock;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.event.request.RequestEvent.Line;
import dev.nexus.event.request.RequestEvent.LineRequested;
import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// An owner that has neither the shelf nor the old facts goes on from a snapshot.
class ShelfSnapshotsIT {
  private static final TaskKey SERVE = new TaskKey(1, Role.SERVE, 1);
  private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");
  /// Longer than a test takes, so that none is due but when a test says so; three of them are
  /// shorter than what an execution may take.
  private static final Duration EVERY = Duration.ofMinutes(2);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private final SetClock clock = new SetClock();
  private RouterFixture nexus;

  @BeforeEach
  void begin() {
    nexus = new RouterFixture(broker);
    nexus.publish();
  }

  @AfterEach
  void end() {
    nexus.close();
  }

  private RouterContext context() {
    var limits =
        new RouterContext.Limits(Duration.ofMinutes(30), Duration.ofHours(24), EVERY, false, 4_096);
    return nexus.context(directory, nexus.sinks(), limits, clock);
  }

  private HandDrivenPartition owner() {
    return new HandDrivenPartition(context(), 0);
  }

  private void sendAll(HandDrivenPartition owner, List<ExecutionId> executions) {
    CompletableFuture.allOf(
            executions.stream()
                .map(e -> nexus.sendLater(e, request("1")))
                .toArray(CompletableFuture[]::new))
        .join();
    owner.drain();
  }

  private void succeedAll(HandDrivenPartition owner, List<ExecutionId> executions) {
    CompletableFuture.allOf(
            executions.stream()
                .map(
                    e ->
                        nexus.reportLater(
                            e, new WorkSucceeded(SERVE, "exec-1", new Json("1"), Usage.NONE)))
                .toArray(CompletableFuture[]::new))
        .join();
    owner.drain();
  }

  private List<SnapshotTaken> kept() {
    return nexus.snapshots(directory).index().kept(Owner.ROUTER, Topic.EXECUTIONS, 0);
  }

  /// Lets the owner take one, which it does beside its work, and waits until it is done with it:
  /// while one is being put away no other is begun.
  private void snapshot(HandDrivenPartition owner) {
    long before = kept().stream().mapToLong(SnapshotTaken::next).max().orElse(-1);
    clock.passes(EVERY.plusSeconds(1));
    owner.passTime();
    Eventually.holds(
        () -> {
          assertThat(kept().stream().mapToLong(SnapshotTaken::next).max().orElse(-1))
              .isGreaterThan(before);
          assertThat(Thread.getAllStackTraces().keySet())
              .extracting(Thread::getName)
              .doesNotContain("router-snapshot-0");
        });
  }

  private void cut(long before) throws ExecutionException, InterruptedException {
    var facts = new TopicPartition(broker.clients().name(Topic.EXECUTIONS), 0);
    try (Admin admin = broker.clients().admin()) {
      admin.deleteRecords(Map.of(facts, RecordsToDelete.beforeOffset(before))).all().get();
    }
  }

  private void loseTheShelf() throws IOException {
    try (Stream<Path> shelf = Files.walk(directory.resolve("0"))) {
      for (Path file : shelf.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private long facts() {
    return broker.read(Topic.EXECUTIONS, ExecutionEvent.class).size();
  }

  /// Readers see what a transaction wrote to one topic after the other.
  private List<Event<ReplyEvent>> replies(int count) {
    return broker.await(Topic.REPLIES, ReplyEvent.class, count);
  }

  private List<Long> sequences(ExecutionId execution) {
    return broker.read(Topic.EXECUTIONS, ExecutionEvent.class).stream()
        .map(Event::envelope)
        .filter(envelope -> envelope.executionId().equals(execution.toString()))
        .map(Envelope::sequence)
        .toList();
  }

  @Test
  void shouldFinishWhatIsOlderThanTheLogAndAnswerWhatHadEnded() throws Exception {
    // Given executions that are open and others that have ended, in two snapshots and none
    List<ExecutionId> executions = onPartitionZero("aged", 30);
    List<ExecutionId> open = executions.subList(0, 10);
    List<ExecutionId> ended = executions.subList(10, 20);
    List<ExecutionId> late = executions.subList(20, 30);
    try (var owner = owner()) {
      sendAll(owner, open);
      sendAll(owner, ended);
      succeedAll(owner, ended);
      snapshot(owner);
      sendAll(owner, late.subList(0, 5));
      snapshot(owner);
      sendAll(owner, late.subList(5, 10));
    }
    assertThat(replies(10)).hasSize(10);

    // When the log loses what the newest snapshot has, and the owner its shelf
    cut(kept().getFirst().next());
    loseTheShelf();
    assertThat(sequences(open.getFirst())).isEmpty();
    try (var next = owner()) {
      sendAll(next, ended);
      succeedAll(next, open);
      succeedAll(next, late);
    }

    // Then
    assertThat(replies(40))
        .hasSize(40)
        .allSatisfy(reply -> assertThat(reply.body()).isInstanceOf(ResultReplied.class));
    assertThat(sequences(ended.getFirst())).isEmpty();
    assertThat(sequences(open.getFirst())).containsExactly(4L, 5L);
    assertThat(sequences(late.getLast())).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(broker.read(Topic.EXECUTIONS, ExecutionEvent.class))
        .filteredOn(fact -> fact.body() instanceof ExecutionSucceeded)
        .extracting(fact -> fact.envelope().executionId())
        .doesNotHaveDuplicates()
        .hasSize(20);
  }

  /// Those who wait may do so for longer than the log keeps facts.
  @Test
  void shouldGiveEachItsTurnInALineThatIsOlderThanTheLog() throws Exception {
    // Given three in a line, of whom the first has its turn
    Line line =
        IntStream.iterate(0, i -> i + 1)
            .mapToObj(i -> Line.of(TENANT, APP, "by-shop", "aged" + i))
            .filter(l -> partition(l.id()) == 0)
            .findFirst()
            .orElseThrow();
    List<ExecutionId> members = onPartitionZero("member", 3);
    try (var owner = owner()) {
      for (int place = 0; place < 3; place++) {
        ExecutionId member = members.get(place);
        nexus.send(member, request("1").in(line));
        nexus.send(line.id(), new LineRequested(member, SINCE.plusSeconds(place), place));
      }
      awaitTurns(owner, members.subList(0, 1));
      assertThat(sequences(line.id())).containsExactly(1L, 2L, 3L);
      snapshot(owner);
    }

    // When the log loses all of it, and the owner its shelf
    cut(kept().getFirst().next());
    loseTheShelf();
    assertThat(facts()).isZero();

    // Then each has its turn when the one before it has ended
    try (var next = owner()) {
      for (int place = 0; place < 3; place++) {
        awaitTurns(next, members.subList(0, place + 1));
        nexus.succeed(task(members.get(place)));
      }
      next.drain();
      assertThat(replies(3))
          .hasSize(3)
          .allSatisfy(reply -> assertThat(reply.body()).isInstanceOf(ResultReplied.class));
      Eventually.holds(
          () -> {
            next.drain();
            assertThat(sequences(line.id())).containsExactly(4L, 5L, 6L);
          });
    }
  }

  /// Lets the owner work until these and nobody else have a task. Owners ask each other and
  /// themselves by requests, which are seen a moment after the commit.
  private void awaitTurns(HandDrivenPartition owner, List<ExecutionId> members) {
    Eventually.holds(
        () -> {
          owner.drain();
          assertThat(broker.read(Topic.TASKS_CODE, TaskEvent.class))
              .extracting(task -> task.envelope().execution())
              .hasSameElementsAs(members);
        });
  }

  private static Event<TaskEvent> task(ExecutionId execution) {
    return broker.read(Topic.TASKS_CODE, TaskEvent.class).stream()
        .filter(task -> task.envelope().execution().equals(execution))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldNotWaitLongerBecauseTheClockWasSetBack() {
    // Given
    RouterContext context = context();
    try (var shelf = new ExecutionShelf(directory.resolve("0"));
        var snapshots = new ShelfSnapshots(context, 0, shelf)) {
      Map<String, Long> next = Map.of(Topic.EXECUTIONS.topicName(), 10L);
      shelf.write(_ -> {}, new ExecutionShelf.Checkpoint(context.logId(), next, Optional.empty()));
      snapshots.takeWhenDue();

      // When
      clock.passes(Duration.ofHours(-1));
      snapshots.takeWhenDue();

      // Then
      Eventually.holds(() -> assertThat(kept()).hasSize(1));
    }
  }

  @Test
  void shouldGoOnFromTheOlderSnapshotWhenTheNewestIsDamaged() throws Exception {
    // Given
    List<ExecutionId> executions = onPartitionZero("damaged", 20);
    try (var owner = owner()) {
      sendAll(owner, executions.subList(0, 10));
      snapshot(owner);
      sendAll(owner, executions.subList(10, 20));
      snapshot(owner);
    }

    // When
    cut(kept().getLast().next());
    loseTheShelf();
    Path newest = directory.resolve("snapshots").resolve(kept().getFirst().file());
    Files.write(newest, new byte[100]);

    // Then
    try (var next = owner()) {
      succeedAll(next, executions);
      assertThat(replies(20)).hasSize(20);
    }
  }

  @Test
  void shouldWorkOnAndTryAgainWhereASnapshotCannotBeWritten() throws Exception {
    // Given a place where no file can be written
    Path place = Files.writeString(directory.resolve("snapshots"), "no directory");
    List<ExecutionId> executions = onPartitionZero("unwritable", 20);
    try (var owner = owner()) {
      sendAll(owner, executions.subList(0, 10));

      // When it should take one
      clock.passes(EVERY.plusSeconds(1));
      owner.passTime();
      succeedAll(owner, executions.subList(0, 10));

      // Then it works on, and takes it when there is room
      assertThat(replies(10)).hasSize(10);
      assertThat(kept()).isEmpty();
      Files.delete(place);
      sendAll(owner, executions.subList(10, 20));
      snapshot(owner);
    }
    cut(kept().getFirst().next());
    loseTheShelf();
    try (var next = owner()) {
      succeedAll(next, executions.subList(10, 20));
      assertThat(replies(20)).hasSize(20);
    }
  }

  @Test
  void shouldUseItsOwnShelfWhereThatIsEnough() throws Exception {
    // Given
    List<ExecutionId> executions = onPartitionZero("shelf", 10);
    try (var owner = owner()) {
      sendAll(owner, executions);
      snapshot(owner);
    }
    long next = kept().getFirst().next();

    // When its snapshot is gone, but not its shelf
    cut(next);
    Files.delete(directory.resolve("snapshots").resolve(kept().getFirst().file()));

    // Then
    try (var same = owner()) {
      succeedAll(same, executions);
      assertThat(replies(10)).hasSize(10);
    }
  }

  @Test
  void shouldRefuseToGoOnWhenNothingHasWhatFollowedFromDeletedFacts() throws Exception {
    // Given
    List<ExecutionId> executions = onPartitionZero("refused", 10);
    try (var owner = owner()) {
      sendAll(owner, executions);
      snapshot(owner);
    }
    cut(kept().getFirst().next());

    // When shelf and snapshots are away
    loseTheShelf();
    Path away = directory.resolve("away");
    Files.move(directory.resolve("snapshots"), away);

    // Then nothing is decided
    assertThatThrownBy(this::owner)
        .hasMessageContaining("no snapshot has what followed from them")
        .hasMessageContaining("NEXUS_WITHOUT_SNAPSHOT");
    assertThat(facts()).isZero();

    // When they are back
    Files.move(away, directory.resolve("snapshots"));
    try (var next = owner()) {
      succeedAll(next, executions);
    }

    // Then
    assertThat(replies(10)).hasSize(10);
  }

  @Test
  void shouldTakeBackASnapshotOfFactsThatTheLogHasLost() throws Exception {
    // Given a snapshot that reaches further than the log
    List<ExecutionId> executions = onPartitionZero("lost", 10);
    try (var owner = owner()) {
      sendAll(owner, executions);
      snapshot(owner);
    }
    SnapshotTaken real = kept().getFirst();
    nexus
        .snapshots(directory)
        .announce(
            new SnapshotTaken(
                real.owner(),
                real.topic(),
                real.partition(),
                real.next() + 1_000,
                real.since(),
                real.log(),
                real.layout(),
                real.file(),
                real.sha256(),
                real.bytes(),
                real.entries(),
                real.last()));
    assertThat(kept()).hasSize(2);

    // When
    owner().close();

    // Then
    assertThat(kept()).containsExactly(real);
  }
}
