package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.execution;
import static dev.nexus.command.topology.RouterFixture.limits;
import static dev.nexus.command.topology.RouterFixture.line;
import static dev.nexus.command.topology.RouterFixture.onPartitionZero;
import static dev.nexus.command.topology.RouterFixture.partition;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.deadletter.DeadLetter;
import dev.nexus.command.deadletter.DeadLetterArchive;
import dev.nexus.command.deadletter.Replays;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionReleased;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.LineJoined;
import dev.nexus.event.execution.ExecutionEvent.RecordParked;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.execution.ExecutionEvent.TaskStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.execution.ExecutionEvent.TurnTaken;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.EndReported;
import dev.nexus.event.request.RequestEvent.Line;
import dev.nexus.event.request.RequestEvent.LineRequested;
import dev.nexus.event.request.RequestEvent.ReleaseRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.request.RequestEvent.TruthSubmitted;
import dev.nexus.event.task.OutcomeEvent.WorkStarted;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What the router put aside and an operator has written again: once its cause is gone it takes
/// effect, and however often that is done, once.
class RouterReplaysIT {
  private static final TaskKey FIRST = new TaskKey(1, Role.SERVE, 1);
  private static final TaskKey NEVER_ASKED_FOR = new TaskKey(1, Role.SERVE, 7);
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

  /// Most executions in a line.
  private static final int PLACES = 2_000;

  /// Most news kept of an execution in quarantine.
  private static final int MOST_PARKED = 500;

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private RouterFixture nexus;
  private DeadLetterArchive archive;
  private Replays replays;
  private HandDrivenPartition router;

  @BeforeEach
  void begin() {
    nexus = new RouterFixture(broker);
    nexus.publish();
    archive = new DeadLetterArchive(nexus.clients());
    replays = new Replays(nexus.clients(), nexus.producer(), Clock.systemUTC());
    router = new HandDrivenPartition(nexus.context(directory, nexus.sinks(), limits()), 0);
  }

  @AfterEach
  void end() {
    router.close();
    replays.close();
    archive.close();
    nexus.close();
  }

  @Test
  void shouldGiveAnExecutionThePlaceThatAFullLineRefused() {
    // Given: the first of the line has its turn, and nobody but the late one is on our partition
    Line line = line("full");
    List<ExecutionId> members =
        IntStream.iterate(0, i -> i + 1)
            .mapToObj(i -> execution("member" + i))
            .filter(member -> partition(member) != 0)
            .limit(PLACES)
            .toList();
    all(
        PLACES,
        i -> nexus.sendLater(line.id(), new LineRequested(members.get(i), since(2 * i), i)));
    ExecutionId late = onPartitionZero("late", 1).getFirst();
    nexus.send(late, request("1").in(line));

    // When: by its time it is before the third
    nexus.send(line.id(), new LineRequested(late, since(3), PLACES));
    drain();

    // Then
    DeadLetter refused = letter(PLACES + " executions wait in this line already");
    assertThat(refused.reason()).endsWith("replay this record when the line is shorter");
    assertThat(nexus.facts(line.id())).hasSize(PLACES);
    assertThat(nexus.facts(late)).hasSize(1);

    // When: it is written again while the line is as long as it was, and then when it is shorter
    replay(refused);
    drain();
    nexus.send(line.id(), new EndReported(members.get(0)));
    drain();
    DeadLetter refusedAgain = letter(PLACES + " executions wait in this line already");
    replay(refusedAgain);
    replay(refusedAgain);
    drain();

    // Then
    assertThat(refusedAgain.origin()).isNotEqualTo(refused.origin());
    assertThat(placesOf(late, line)).isEqualTo(1);
    assertThat(nexus.facts(late)).hasSize(1);

    // When: the second ends, which asks the late one to begin
    nexus.send(line.id(), new EndReported(members.get(1)));
    drain();
    drain();
    replay(refused);
    drain();
    drain();

    // Then
    assertThat(count(late, TurnTaken.class)).isEqualTo(1);
    assertThat(count(late, TaskRequested.class)).isEqualTo(1);
    assertThat(placesOf(late, line)).isEqualTo(1);
    assertThat(letters()).hasSize(2);
  }

  @Test
  void shouldUseAnOutcomeThatAQuarantinedExecutionHadNoRoomFor() {
    // Given
    ExecutionId execution = onPartitionZero("quarantined", 1).getFirst();
    nexus.send(execution, request("1"));
    drain();
    nexus.report(execution, new WorkStarted(NEVER_ASKED_FOR, "exec-1", LEASE));
    all(MOST_PARKED, _ -> nexus.reportLater(execution, new WorkStarted(FIRST, "exec-1", LEASE)));
    nexus.report(execution, new WorkSucceeded(FIRST, "exec-1", new Json("1"), Usage.NONE));
    drain();
    assertThat(count(execution, RecordParked.class)).isEqualTo(MOST_PARKED);
    DeadLetter refused = letter("the execution is quarantined");

    // When
    nexus.send(execution, new ReleaseRequested(false, ReplyAddress.NOBODY));
    drain();

    // Then: it goes on, and nobody has told it the end of its work
    assertThat(nexus.facts(execution))
        .hasAtLeastOneElementOfType(ExecutionReleased.class)
        .hasAtLeastOneElementOfType(TaskStarted.class)
        .noneMatch(ExecutionSucceeded.class::isInstance);

    // When
    replay(refused);
    replay(refused);
    drain();

    // Then
    assertThat(count(execution, TaskSucceeded.class)).isEqualTo(1);
    assertThat(count(execution, ExecutionSucceeded.class)).isEqualTo(1);
    assertThat(nexus.facts(execution).getLast()).isInstanceOf(ExecutionSucceeded.class);
    assertThat(letters()).hasSize(2);
  }

  @Test
  void shouldNoteATruthOnceThatCameBeforeItsExecutionHadBegun() {
    // Given
    String tooEarly = "truth was reported for an execution that does not exist";
    ExecutionId execution = onPartitionZero("told-early", 1).getFirst();
    nexus.send(execution, new TruthSubmitted(new Json("2")));
    drain();
    DeadLetter first = letter(tooEarly);

    // When it is written again too early, too
    replay(first);
    drain();

    // Then it is put aside again
    DeadLetter second = letter(tooEarly);
    assertThat(second.origin()).isNotEqualTo(first.origin());
    assertThat(nexus.facts(execution)).isEmpty();

    // When its execution has begun
    nexus.send(execution, request("1"));
    drain();
    assertThat(count(execution, TruthReported.class)).isZero();
    replay(second);
    replay(second);
    replay(first);
    drain();

    // Then
    assertThat(nexus.facts(execution))
        .filteredOn(TruthReported.class::isInstance)
        .containsExactly(new TruthReported(new Json("2")));
    assertThat(letters()).hasSize(2);
  }

  private static Instant since(int millis) {
    return SINCE.plusMillis(millis);
  }

  private static void all(int count, IntFunction<CompletableFuture<Void>> send) {
    CompletableFuture.allOf(
            IntStream.range(0, count).mapToObj(send).toArray(CompletableFuture[]::new))
        .join();
  }

  /// Decides on all that stands on the log. Owners ask each other by requests, which are seen a
  /// moment after the commit.
  private void drain() {
    broker.read(Topic.REQUESTS, RequestEvent.class);
    router.drain();
  }

  private List<DeadLetter> letters() {
    return archive.newest(Long.MAX_VALUE, 100, _ -> true).letters();
  }

  /// The newest one that was not replayed, for this reason.
  private DeadLetter letter(String reason) {
    return letters().stream()
        .filter(letter -> letter.replay().isEmpty() && letter.reason().startsWith(reason))
        .findFirst()
        .orElseThrow();
  }

  private void replay(DeadLetter letter) {
    assertThat(replays.refusal(letter)).isEmpty();
    assertThat(replays.replay(letter, archive.content(letter).orElseThrow(), "key:test")).isTrue();
  }

  private long placesOf(ExecutionId member, Line line) {
    return nexus.facts(line.id()).stream()
        .filter(fact -> fact instanceof LineJoined joined && joined.member().equals(member))
        .count();
  }

  private long count(ExecutionId execution, Class<? extends ExecutionEvent> type) {
    return nexus.facts(execution).stream().filter(type::isInstance).count();
  }
}
