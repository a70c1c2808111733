package dev.nexus.executor.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Lane;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.OutcomeEvent.WorkContinued;
import dev.nexus.event.task.OutcomeEvent.WorkFailed;
import dev.nexus.event.task.OutcomeEvent.WorkStarted;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.TaskEvent.TaskLimits;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.platform.stream.ShareGroups;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Long work, on a real broker.
class SlowLaneIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofClass();

  private final GatedWork work = new GatedWork();
  private LaneStage stage;

  @BeforeEach
  void open() {
    stage = new LaneStage(broker);
  }

  @AfterEach
  void close() throws Exception {
    work.open(1000);
    stage.close();
  }

  private static Map<String, String> permits(int permits) {
    return Map.of("NEXUS_MODEL_PERMITS", Integer.toString(permits));
  }

  @Test
  void shouldStartThenHoldThenAnswer() {
    stage.executor(work, permits(2));
    var task =
        LaneStage.task(
            "ask",
            "{\"a\":1}",
            "",
            LaneStage.limits(Duration.ofMillis(300), Duration.ofSeconds(30)));

    stage.assign(Lane.MODEL, task);
    Eventually.holds(() -> assertThat(stage.outcomesOf(task)).hasSizeGreaterThanOrEqualTo(4));
    work.open(1);
    Eventually.holds(
        () -> assertThat(stage.outcomesOf(task)).last().isInstanceOf(WorkSucceeded.class));

    List<OutcomeEvent> outcomes = stage.outcomesOf(task);
    assertThat(outcomes.getFirst())
        .isEqualTo(new WorkStarted(task.body().task(), "executor-1", Duration.ofMillis(300)));
    assertThat(outcomes.subList(1, outcomes.size() - 1))
        .isNotEmpty()
        .allMatch(WorkContinued.class::isInstance);
    assertThat(((WorkSucceeded) outcomes.getLast()).output()).isEqualTo(new Json("{\"a\":1}"));
    assertThat(stage.outcomes())
        .allMatch(e -> e.envelope().causationId().equals(task.envelope().eventId().toString()))
        .allMatch(e -> e.envelope().correlationId().equals(task.envelope().correlationId()))
        .extracting(e -> e.envelope().eventId())
        .doesNotHaveDuplicates();
    assertThat(stage.outcomes().getLast().envelope().eventId())
        .isEqualTo(task.body().task().eventId(task.execution(), "succeeded"));
  }

  @Test
  void shouldTakeNoMoreThanItsPermitsAndLeaveTheRestToOthers() {
    GatedWork others = new GatedWork();
    stage.executor(work, permits(2));
    List<AssignedTask> tasks = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      tasks.add(stage.assign(Lane.MODEL, LaneStage.task("ask", Integer.toString(i))));
    }
    Eventually.holds(() -> assertThat(work.running()).isEqualTo(2));

    stage.executor(others, permits(3));

    // The first holds no record it has no permit for, and leaves its partitions to the other.
    Eventually.holds(() -> assertThat(others.running()).isEqualTo(3));
    work.open(5);
    others.open(5);
    Eventually.holds(() -> assertThat(stage.succeeded()).containsAll(LaneStage.executions(tasks)));
    assertThat(work.most()).isEqualTo(2);
    assertThat(others.most()).isEqualTo(3);
  }

  @Test
  void shouldNotBeSlowedByTheMarkersOfTransactions() {
    stage.executor(work, permits(16));
    work.open(100);
    List<AssignedTask> tasks =
        IntStream.range(0, 100).mapToObj(i -> LaneStage.task("ask", Integer.toString(i))).toList();

    stage.assignInTransactions(Lane.MODEL, tasks);

    // A marker that cost a poll of half a second would make this take almost a minute.
    Eventually.holds(
        Duration.ofSeconds(40),
        () ->
            assertThat(stage.succeeded())
                .containsExactlyInAnyOrderElementsOf(LaneStage.executions(tasks)));
  }

  @Test
  void shouldInterruptCancelledWorkAndGoOn() {
    stage.executor(work, permits(1));
    var unwanted = stage.assign(Lane.MODEL, LaneStage.task("ask", "1"));
    Eventually.holds(() -> assertThat(work.running()).isEqualTo(1));
    var wanted = stage.assign(Lane.MODEL, LaneStage.task("ask", "2"));

    stage.cancel(unwanted);
    Eventually.holds(
        () -> assertThat(work.interrupted()).containsExactly(unwanted.envelope().executionId()));
    work.open(1);

    Eventually.holds(
        () -> assertThat(stage.outcomesOf(wanted)).last().isInstanceOf(WorkSucceeded.class));
    assertThat(stage.outcomesOf(unwanted)).singleElement().isInstanceOf(WorkStarted.class);
    assertThat(stage.counted("nexus.tasks.dropped", "reason", "cancelled")).isEqualTo(1);
  }

  @Test
  void shouldLeaveTheWorkOfOtherLanesAloneWhenItEnds() throws Exception {
    // Given
    stage.executor(work, permits(2));
    var prompt = stage.assign(Lane.MODEL, LaneStage.task("ask", "1"));
    var code = stage.assign(Lane.CODE, LaneStage.task("compute", "2"));
    Eventually.holds(() -> assertThat(work.running()).isEqualTo(2));

    // When
    stage.lane(Lane.MODEL).close();
    Eventually.holds(() -> assertThat(work.running()).isEqualTo(1));
    work.open(1);

    // Then
    Eventually.holds(
        () -> assertThat(stage.outcomesOf(code)).last().isInstanceOf(WorkSucceeded.class));
    assertThat(work.interrupted()).containsExactly(prompt.envelope().executionId());
    assertThat(stage.outcomesOf(prompt)).singleElement().isInstanceOf(WorkStarted.class);
  }

  @Test
  void shouldEndWorkThatTakesTooLong() {
    stage.executor(work, permits(1));
    var task =
        stage.assign(
            Lane.MODEL,
            LaneStage.task(
                "ask", "1", "", LaneStage.limits(Duration.ofSeconds(30), Duration.ofMillis(150))));

    Eventually.holds(
        () -> assertThat(stage.outcomesOf(task)).last().isInstanceOf(WorkFailed.class));
    WorkFailed failed = (WorkFailed) stage.outcomesOf(task).getLast();
    assertThat(failed.failure()).isEqualTo(FailureClass.TIMEOUT);
    assertThat(failed.detail()).contains("150 ms");
  }

  @Test
  void shouldDropTasksThatCameTooLateOrAreCancelledAlready() {
    stage.executor(work, permits(1));
    var blocking = stage.assign(Lane.MODEL, LaneStage.task("ask", "0"));
    Eventually.holds(() -> assertThat(work.running()).isEqualTo(1));
    var late =
        stage.assign(
            Lane.MODEL,
            LaneStage.task(
                "ask",
                "1",
                "",
                new TaskLimits(
                    Instant.now().minusSeconds(1), Duration.ofSeconds(9), Duration.ofSeconds(9))));
    var cancelled = stage.assign(Lane.MODEL, LaneStage.task("ask", "2"));
    stage.cancelInTime(cancelled);
    var wanted = stage.assign(Lane.MODEL, LaneStage.task("ask", "3"));

    work.open(2);

    Eventually.holds(
        () -> {
          assertThat(stage.outcomesOf(wanted)).last().isInstanceOf(WorkSucceeded.class);
          assertThat(stage.outcomesOf(blocking)).last().isInstanceOf(WorkSucceeded.class);
        });
    Eventually.holds(
        () -> assertThat(stage.counted("nexus.tasks.dropped", "reason", "late")).isEqualTo(1));
    Eventually.holds(
        () -> assertThat(stage.counted("nexus.tasks.dropped", "reason", "cancelled")).isEqualTo(1));
    assertThat(stage.outcomesOf(late)).isEmpty();
    assertThat(stage.outcomesOf(cancelled)).isEmpty();
    assertThat(stage.outcomesOf(blocking)).hasSize(2);
  }

  @Test
  void shouldDoWhatADeadReaderHadTakenButNotAccepted() {
    List<AssignedTask> tasks =
        IntStream.range(0, 3)
            .mapToObj(i -> stage.assign(Lane.MODEL, LaneStage.task("ask", Integer.toString(i))))
            .toList();
    try (var dying =
        stage.clients().strictShareConsumer(ShareGroups.ofLane(Lane.MODEL), "dying", 1)) {
      dying.subscribe(List.of(stage.clients().name(Topic.TASKS_MODEL)));
      Eventually.value(
          () -> dying.poll(Duration.ofMillis(200)).count(), count -> count > 0, "a record");
    }

    stage.executor(work, permits(4));
    work.open(3);

    Eventually.holds(() -> assertThat(stage.succeeded()).containsAll(LaneStage.executions(tasks)));
  }
}
