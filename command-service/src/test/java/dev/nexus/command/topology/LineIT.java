package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.execution;
import static dev.nexus.command.topology.RouterFixture.limits;
import static dev.nexus.command.topology.RouterFixture.line;
import static dev.nexus.command.topology.RouterFixture.partition;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TurnReturned;
import dev.nexus.event.execution.ExecutionEvent.TurnTaken;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.CancelRequested;
import dev.nexus.event.request.RequestEvent.Line;
import dev.nexus.event.request.RequestEvent.LineRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Executions that run one after the other, their line and they themselves on several partitions.
class LineIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path directory;
  private RouterFixture nexus;
  private final List<LeakySink> dead = new ArrayList<>();
  private int together;

  @BeforeEach
  void begin() {
    nexus = new RouterFixture(broker);
    nexus.publish();
  }

  @AfterEach
  void end() {
    dead.forEach(LeakySink::bury);
    nexus.close();
  }

  private void trigger(Line line, ExecutionId member, int place) {
    nexus.send(member, request(Integer.toString(place)).in(line));
    nexus.send(line.id(), new LineRequested(member, SINCE.plusMillis(place), place));
  }

  @Test
  void shouldRunOneAfterTheOtherOverAllPartitionsAndPassACancelledOneOver() {
    // Given
    Line line = line("busy");
    List<ExecutionId> members = IntStream.range(0, 6).mapToObj(i -> execution("m" + i)).toList();
    assertThat(members.stream().map(RouterFixture::partition).distinct()).hasSizeGreaterThan(1);

    try (Router router = nexus.router(directory, Map.of())) {
      assertThat(router.name()).isEqualTo("router");
      members.forEach(member -> trigger(line, member, members.indexOf(member)));
      nexus.awaitTasks(1);
      nexus.send(members.get(2), new CancelRequested("not needed", ReplyAddress.NOBODY));
      ExecutionId last = execution("later");
      trigger(line, last, 9);

      // When: whoever has a task gets it done
      Set<String> done = new HashSet<>();
      Eventually.holds(
          () -> {
            List<Event<TaskEvent>> tasks = broker.read(Topic.TASKS_CODE, TaskEvent.class);
            together = Math.max(together, tasks.size() - done.size());
            tasks.stream()
                .filter(task -> done.add(task.envelope().executionId()))
                .forEach(nexus::succeed);
            assertThat(nexus.facts(last)).hasAtLeastOneElementOfType(ExecutionSucceeded.class);
          });
    }

    // Then
    assertThat(together).isEqualTo(1);
    assertThat(nexus.facts(members.get(2))).hasAtLeastOneElementOfType(ExecutionCancelled.class);
    List<String> order =
        broker.read(Topic.TASKS_CODE, TaskEvent.class).stream()
            .sorted((a, b) -> a.envelope().occurredAt().compareTo(b.envelope().occurredAt()))
            .map(task -> task.envelope().executionId())
            .toList();
    assertThat(order)
        .hasSize(6)
        .startsWith(members.get(0).toString(), members.get(1).toString())
        .endsWith(members.get(5).toString(), execution("later").toString())
        .doesNotContain(members.get(2).toString());
  }

  /// The owner of the line dies over the end of the first, with another subset of the fact and of
  /// the turn of the second on the broker, which is for another partition.
  @ParameterizedTest
  @CsvSource({"OWN", "SHARED"})
  void shouldGiveTheNextItsTurnWhicheverRecordsOfTheLineGotThrough(BrokerAccess access) {
    // Given
    List<ExecutionId> first = IntStream.range(0, 4).mapToObj(i -> elsewhere("first" + i)).toList();
    List<ExecutionId> second = IntStream.range(0, 4).mapToObj(i -> elsewhere("next" + i)).toList();
    waiting(access, first, second);

    // When
    for (int subset = 0; subset < 4; subset++) {
      ExecutionId ending = first.get(subset);
      dies(
          access,
          0,
          subset,
          2,
          () -> {
            nexus.send(ending, new CancelRequested("enough", ReplyAddress.NOBODY));
            drain(access, 1);
          });
    }
    drainAll(access);

    // Then
    assertThat(second)
        .allSatisfy(
            member ->
                assertThat(nexus.facts(member)).filteredOn(TurnTaken.class::isInstance).hasSize(1));
    assertThat(nexus.facts(line("line0").id())).hasSize(3);
  }

  /// The owner of an execution dies over its end: the fact, the news for the line, and what matters
  /// to others only, the answer and the cancelled task.
  @ParameterizedTest
  @CsvSource({"OWN", "SHARED"})
  void shouldTellTheLineWhicheverRecordsOfAnEndGotThrough(BrokerAccess access) {
    // Given
    List<ExecutionId> first = IntStream.range(0, 4).mapToObj(i -> elsewhere("one" + i)).toList();
    List<ExecutionId> second = IntStream.range(0, 4).mapToObj(i -> execution("two" + i)).toList();
    waiting(access, first, second);

    // When
    for (int subset = 0; subset < 4; subset++) {
      ExecutionId ending = first.get(subset);
      var enough = new CancelRequested("enough", ReplyAddress.NOBODY);
      dies(access, 1, subset, 4, () -> nexus.send(ending, enough));
    }
    drainAll(access);

    // Then
    assertThat(second)
        .allSatisfy(
            member ->
                assertThat(nexus.facts(member)).filteredOn(TurnTaken.class::isInstance).hasSize(1));
  }

  /// Lines of two each, of whom the first have their turn.
  private void waiting(BrokerAccess access, List<ExecutionId> first, List<ExecutionId> second) {
    for (int i = 0; i < first.size(); i++) {
      trigger(line("line" + i), first.get(i), 1);
      trigger(line("line" + i), second.get(i), 2);
    }
    drainAll(access);
  }

  /// A place that is asked for once more after the execution has ended, as by a replay.
  @Test
  void shouldGoOnWhenAnExecutionThatHasEndedIsPutIntoTheLineAgain() {
    // Given
    Line line = line("twice");
    ExecutionId first = elsewhere("ended");
    ExecutionId second = elsewhere("next");
    trigger(line, first, 1);
    drainAll(BrokerAccess.SHARED);
    nexus.send(first, new CancelRequested("enough", ReplyAddress.NOBODY));
    drainAll(BrokerAccess.SHARED);

    // When
    nexus.send(line.id(), new LineRequested(first, SINCE, 1));
    trigger(line, second, 2);
    drainAll(BrokerAccess.SHARED);

    // Then
    assertThat(nexus.facts(first)).hasAtLeastOneElementOfType(TurnReturned.class);
    assertThat(nexus.facts(second)).hasAtLeastOneElementOfType(TurnTaken.class);
  }

  /// An execution of this name that does not stand where the lines do.
  private static ExecutionId elsewhere(String name) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> execution(name + "-" + i))
        .filter(e -> partition(e) == 1)
        .findFirst()
        .orElseThrow();
  }

  /// An owner does what its predecessors died over, and then dies itself over what follows from a
  /// cause.
  private void dies(BrokerAccess access, int partition, long subset, int parts, Runnable cause) {
    LeakySink[] sink = new LeakySink[1];
    RouterContext.Sinks leaky =
        p -> {
          sink[0] = LeakySink.of(nexus.clients(), access, p, subset, () -> {});
          dead.add(sink[0]);
          return sink[0];
        };
    try (var owner =
        new HandDrivenPartition(nexus.context(directory, leaky, limits()), partition)) {
      owner.drain();
      cause.run();
      awaitInputs();
      sink[0].arm();
      assertThatThrownBy(owner::drain).isInstanceOf(LeakySink.DeadException.class);
    }
    assertThat(sink[0].parts()).isEqualTo(parts);
  }

  /// Owners ask each other by requests, which are seen a moment after the commit.
  private static void awaitInputs() {
    broker.read(Topic.REQUESTS, RequestEvent.class);
  }

  private void drain(BrokerAccess access, int partition) {
    try (var owner = owner(access, partition)) {
      owner.drain();
    }
  }

  private HandDrivenPartition owner(BrokerAccess access, int partition) {
    return new HandDrivenPartition(
        nexus.context(directory, nexus.sinks(access), limits()), partition);
  }

  /// New owners of all partitions work until nobody has anything left to decide.
  private void drainAll(BrokerAccess access) {
    try (var zero = owner(access, 0);
        var one = owner(access, 1);
        var two = owner(access, 2);
        var three = owner(access, 3)) {
      List<Event<ExecutionEvent>> before;
      do {
        before = broker.read(Topic.EXECUTIONS, ExecutionEvent.class);
        awaitInputs();
        List.of(zero, one, two, three).forEach(HandDrivenPartition::drain);
      } while (broker.read(Topic.EXECUTIONS, ExecutionEvent.class).size() > before.size());
    }
  }
}
