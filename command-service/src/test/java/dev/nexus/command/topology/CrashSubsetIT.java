package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.DIGEST;
import static dev.nexus.command.topology.RouterFixture.component;
import static dev.nexus.command.topology.RouterFixture.limits;
import static dev.nexus.command.topology.RouterFixture.onPartitionZero;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.event.request.RequestEvent.CancelRequested;
import dev.nexus.event.request.RequestEvent.ReleaseRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvSource;

/// A decision is one write: whichever of its parts reach the broker before the owner dies, in the
/// end all of them stand there, once by id, and nobody sees anything else.
class CrashSubsetIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private RouterFixture nexus;
  private final List<LeakySink> dead = new ArrayList<>();

  @BeforeEach
  void begin() {
    nexus = new RouterFixture(broker);
    var prompt = component("echo", HandlerType.LLM);
    nexus.publish(DIGEST, prompt);
    nexus.route(prompt, 0, 1000);
  }

  @AfterEach
  void end() {
    dead.forEach(LeakySink::bury);
    nexus.close();
  }

  /// A start has four facts, a task and a shadow task; a success two facts and a reply. In a
  /// transaction each of these may be there or not, else the facts are one.
  @ParameterizedTest
  @CsvSource({"SHARED, 6, 3", "OWN, 3, 2"})
  void shouldCompleteADecisionWhicheverOfItsRecordsGotThrough(
      BrokerAccess access, int partsOfStart, int partsOfEnd) {
    // Given
    int starts = 1 << partsOfStart;
    int ends = 1 << partsOfEnd;
    List<ExecutionId> starting = onPartitionZero("start", starts);
    List<ExecutionId> ending = onPartitionZero("end", ends);
    ending.forEach(e -> nexus.send(e, request("1")));

    // When
    for (int subset = 0; subset < starts; subset++) {
      ExecutionId execution = starting.get(subset);
      ownAndDie(access, subset, partsOfStart, () -> nexus.send(execution, request("1")));
    }
    for (int subset = 0; subset < ends; subset++) {
      ExecutionId execution = ending.get(subset);
      ownAndDie(access, subset, partsOfEnd, () -> nexus.report(execution, success()));
    }
    try (var last = owner(access, directory)) {
      last.drain();
    }

    // Then
    Map<String, List<Long>> sequences = sequences();
    for (ExecutionId execution : starting) {
      assertThat(sequences.get(execution.toString())).containsExactly(1L, 2L, 3L, 4L);
    }
    for (ExecutionId execution : ending) {
      assertThat(sequences.get(execution.toString())).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    }
    assertThat(sent(access, Topic.TASKS_MODEL, TaskEvent.class))
        .hasSize(starts + ends)
        .doesNotHaveDuplicates();
    assertThat(sent(access, Topic.TASKS_CODE, TaskEvent.class))
        .hasSize(starts + ends)
        .doesNotHaveDuplicates();
    assertThat(sent(access, Topic.REPLIES, ReplyEvent.class)).hasSize(ends).doesNotHaveDuplicates();
    assertThat(ids(broker.read(Topic.EXECUTIONS, ExecutionEvent.class)))
        .hasSize(starts * 4 + ends * 6)
        .doesNotHaveDuplicates();
  }

  private static WorkSucceeded success() {
    return new WorkSucceeded(new TaskKey(1, Role.SERVE, 1), "exec-1", new Json("1"), Usage.NONE);
  }

  /// An end that nobody can see is decided again: it would count twice.
  @ParameterizedTest
  @CsvSource({"SHARED, 3", "OWN, 2"})
  void shouldCountAnEndOnceTheLogHasIt(BrokerAccess access, int partsOfEnd) {
    // Given
    ExecutionId execution = onPartitionZero("counted", 1).getFirst();
    nexus.send(execution, request("1"));

    // When its owner dies before the commit
    ownAndDie(access, 0, partsOfEnd, () -> nexus.report(execution, success()));

    // Then
    assertThat(nexus.counted("succeeded")).isZero();

    // When
    try (var next = owner(access, directory)) {
      next.drain();
    }

    // Then
    assertThat(nexus.counted("succeeded")).isEqualTo(1);
  }

  /// The facts, the answer, and news for the executors of both tasks.
  @Test
  void shouldCompleteACancellationWhicheverOfItsRecordsGotThrough() {
    // Given
    int parts = 4;
    List<ExecutionId> executions = onPartitionZero("cancel", 1 << parts);
    executions.forEach(e -> nexus.send(e, request("1")));

    // When
    dieOverEach(
        executions, parts, e -> nexus.send(e, new CancelRequested("enough", ReplyAddress.NOBODY)));

    // Then
    assertFacts(executions, 5);
    assertThat(sent(BrokerAccess.OWN, Topic.TASK_CONTROL, TaskEvent.class))
        .hasSize(2 * executions.size());
    assertThat(sent(BrokerAccess.OWN, Topic.REPLIES, ReplyEvent.class)).hasSize(executions.size());
  }

  /// The facts of the release and of the news that was parked, and answers to both who wait.
  @Test
  void shouldCompleteAReleaseWithWhatWasParkedWhicheverOfItsRecordsGotThrough() {
    // Given: a quarantined execution each, for which a result came
    int parts = 3;
    List<ExecutionId> executions = onPartitionZero("release", 1 << parts);
    try (var first = owner(BrokerAccess.OWN, directory)) {
      executions.forEach(e -> nexus.send(e, request("1")));
      first.drain();
      var never = new TaskKey(7, Role.SERVE, 1);
      executions.forEach(
          e -> {
            nexus.report(e, new WorkSucceeded(never, "exec-1", new Json("1"), Usage.NONE));
            nexus.report(e, success());
          });
      first.drain();
    }

    // When
    var operator = new ReplyAddress("api-2", 1);
    dieOverEach(executions, parts, e -> nexus.send(e, new ReleaseRequested(false, operator)));

    // Then: joined, released, the task and the execution succeeded
    assertFacts(executions, 10);
    assertThat(broker.read(Topic.EXECUTIONS, ExecutionEvent.class))
        .filteredOn(f -> f.body() instanceof ExecutionSucceeded)
        .hasSize(executions.size());
    assertThat(broker.read(Topic.REPLIES, ReplyEvent.class))
        .filteredOn(r -> r.body() instanceof ResultReplied)
        .extracting(r -> r.envelope().executionId() + " " + r.body().replyInstance())
        .containsAll(executions.stream().map(e -> e + " api-1").toList())
        .containsAll(executions.stream().map(e -> e + " api-2").toList());
    assertThat(sent(BrokerAccess.OWN, Topic.REPLIES, ReplyEvent.class))
        .hasSize(3 * executions.size());
  }

  /// A start and two successes: the facts of all, two tasks and two answers.
  @Test
  void shouldCompleteAllDecisionsOfAWriteWhicheverOfItsRecordsGotThrough() {
    // Given
    int parts = 5;
    List<ExecutionId> starting = onPartitionZero("start", 1 << parts);
    List<ExecutionId> one = onPartitionZero("one", 1 << parts);
    List<ExecutionId> two = onPartitionZero("two", 1 << parts);
    one.forEach(e -> nexus.send(e, request("1")));
    two.forEach(e -> nexus.send(e, request("1")));

    // When
    dieOverEach(
        starting,
        parts,
        e -> {
          nexus.report(one.get(starting.indexOf(e)), success());
          nexus.send(e, request("1"));
          nexus.report(two.get(starting.indexOf(e)), success());
        });

    // Then
    assertFacts(starting, 4);
    assertFacts(one, 6);
    assertFacts(two, 6);
    assertThat(sent(BrokerAccess.OWN, Topic.TASKS_MODEL, TaskEvent.class)).hasSize(3 << parts);
    assertThat(sent(BrokerAccess.OWN, Topic.TASKS_CODE, TaskEvent.class)).hasSize(3 << parts);
    assertThat(sent(BrokerAccess.OWN, Topic.REPLIES, ReplyEvent.class)).hasSize(2 << parts);
  }

  /// Owners of a broker of their own die over one execution after the other, each with another
  /// subset of the write on the broker; a last one completes it all.
  private void dieOverEach(List<ExecutionId> executions, int parts, Consumer<ExecutionId> cause) {
    for (int subset = 0; subset < executions.size(); subset++) {
      ExecutionId execution = executions.get(subset);
      ownAndDie(BrokerAccess.OWN, subset, parts, () -> cause.accept(execution));
    }
    try (var last = owner(BrokerAccess.OWN, directory)) {
      last.drain();
    }
  }

  private static void assertFacts(List<ExecutionId> executions, long facts) {
    Map<String, List<Long>> sequences = sequences();
    List<Long> expected = LongStream.rangeClosed(1, facts).boxed().toList();
    assertThat(executions)
        .allSatisfy(e -> assertThat(sequences.get(e.toString())).isEqualTo(expected));
  }

  /// An owner does what its predecessors died over, then dies itself over the next decision, with a
  /// subset of its records on the broker. Every second one has not even the shelf of the dead.
  private void ownAndDie(BrokerAccess access, int subset, int parts, Runnable cause) {
    LeakySink[] sink = new LeakySink[1];
    RouterContext.Sinks leaky =
        partition -> {
          sink[0] = LeakySink.of(nexus.clients(), access, partition, subset, () -> {});
          dead.add(sink[0]);
          return sink[0];
        };
    Path shelf = subset % 2 == 0 ? directory : directory.resolve("fresh" + dead.size());
    try (var owner = new HandDrivenPartition(nexus.context(shelf, leaky, limits()), 0)) {
      owner.drain();
      cause.run();
      sink[0].arm();
      assertThatThrownBy(owner::drain).isInstanceOf(LeakySink.DeadException.class);
    }
    assertThat(sink[0].parts()).isEqualTo(parts);
  }

  private HandDrivenPartition owner(BrokerAccess access, Path shelf) {
    return new HandDrivenPartition(nexus.context(shelf, nexus.sinks(access), limits()), 0);
  }

  /// Ids of what followed from facts. Without a transaction it may have got through where the facts
  /// did not: then it is sent again, with the same id.
  private static <E> List<UUID> sent(BrokerAccess access, Topic topic, Class<E> type) {
    List<UUID> ids = ids(broker.read(topic, type));
    return switch (access) {
      case SHARED -> ids;
      case OWN -> ids.stream().distinct().toList();
    };
  }

  private static <E> List<UUID> ids(List<Event<E>> events) {
    return events.stream().map(e -> e.envelope().eventId()).toList();
  }

  private static Map<String, List<Long>> sequences() {
    return broker.read(Topic.EXECUTIONS, ExecutionEvent.class).stream()
        .collect(
            Collectors.groupingBy(
                e -> e.envelope().executionId(),
                Collectors.mapping(e -> e.envelope().sequence(), Collectors.toList())));
  }

  /// Bit n of a subset is the n-th part; parts are as above.
  @ParameterizedTest
  @CsvSource({"SHARED, 0, 63, 20, 7", "OWN, 0, 7, 1, 6"})
  void shouldCompleteADecisionWhoseProcessWasHalted(ArgumentsAccessor arguments) throws Exception {
    // Given
    BrokerAccess access = arguments.get(0, BrokerAccess.class);
    List<ExecutionId> executions = onPartitionZero("halt", 4);

    for (int i = 0; i < 4; i++) {
      // When
      nexus.send(executions.get(i), request("1"));
      Process child = ChildRouter.haltedWith(access, arguments.getLong(i + 1), nexus, directory);
      assertThat(child.waitFor()).isEqualTo(ChildRouter.HALTED);
      try (var next = owner(access, directory)) {
        next.drain();
      }
    }

    // Then
    assertThat(sequences()).hasSize(4);
    assertThat(sequences().values()).allSatisfy(s -> assertThat(s).containsExactly(1L, 2L, 3L, 4L));
    assertThat(sent(access, Topic.TASKS_MODEL, TaskEvent.class)).hasSize(4).doesNotHaveDuplicates();
    assertThat(sent(access, Topic.TASKS_CODE, TaskEvent.class)).hasSize(4).doesNotHaveDuplicates();
  }
}
