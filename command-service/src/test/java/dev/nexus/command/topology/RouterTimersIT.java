package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.APP;
import static dev.nexus.command.topology.RouterFixture.DIGEST;
import static dev.nexus.command.topology.RouterFixture.TENANT;
import static dev.nexus.command.topology.RouterFixture.component;
import static dev.nexus.command.topology.RouterFixture.onPartitionZero;
import static dev.nexus.command.topology.RouterFixture.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionTimedOut;
import dev.nexus.event.execution.ExecutionEvent.TaskFailed;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ProblemReplied;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.OutcomeEvent.WorkContinued;
import dev.nexus.event.task.OutcomeEvent.WorkFailed;
import dev.nexus.event.task.OutcomeEvent.WorkStarted;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.TaskEvent.TaskCancelled;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// What happens because time passes, on a real log with a clock the test sets: not a millisecond
/// too early, and then at once.
@ParameterizedClass
@EnumSource(BrokerAccess.class)
class RouterTimersIT {
  private static final TaskKey FIRST = new TaskKey(1, Role.SERVE, 1);
  private static final TaskKey SECOND = FIRST.next();
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration TICK = Duration.ofMillis(1);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private final ExecutionId execution = onPartitionZero("timed", 1).getFirst();
  private final BrokerAccess access;
  private RouterFixture nexus;
  private HandDrivenPartition router;
  private Instant now = Instant.ofEpochMilli(System.currentTimeMillis());

  RouterTimersIT(BrokerAccess access) {
    this.access = access;
  }

  @BeforeEach
  void begin() {
    nexus = new RouterFixture(broker, access);
  }

  @AfterEach
  void end() {
    router.close();
    nexus.close();
  }

  /// A router that owns the partition, with the one execution begun.
  private void begun(Duration timeout) {
    ready(timeout);
    nexus.send(execution, request("1"));
    router.drain();
  }

  private void ready(Duration timeout) {
    nexus.publish(DIGEST, lasting(timeout));
    Eventually.holds(() -> assertThat(nexus.catalog().version(TENANT, APP, DIGEST)).isPresent());
    router = owner();
  }

  /// What a sender writes whose clock shows `at`.
  private ProducerRecord<String, byte[]> asked(Instant at) {
    Envelope envelope = Envelope.of(UUID.randomUUID(), at, TENANT, APP, "key:test");
    return EventRecords.of(
        nexus.clients(),
        EventCodec.of(Topic.REQUESTS, RequestEvent.class),
        Keys.execution(TENANT, execution),
        new Event<>(envelope.withExecution(execution), request("1")));
  }

  private HandDrivenPartition owner() {
    InstantSource clock = () -> now;
    return new HandDrivenPartition(
        nexus.context(
            directory, nexus.sinks(), RouterFixture.limits(), clock.withZone(ZoneOffset.UTC)),
        0);
  }

  private static ComponentDefinition lasting(Duration timeout) {
    ComponentDefinition echo = component("echo", HandlerType.BUILTIN);
    return new ComponentDefinition(
        echo.componentId(),
        echo.description(),
        echo.handlerType(),
        echo.taskDetails(),
        echo.inputSchema(),
        echo.outputSchema(),
        echo.comparator(),
        echo.truth(),
        timeout,
        echo.retry(),
        echo.promotion());
  }

  @Test
  void shouldRetryAFailureWhenItsBackoffIsOver() {
    // Given
    begun(Duration.ofHours(2));
    nexus.report(
        execution,
        new WorkFailed(
            FIRST, "exec-1", FailureClass.UPSTREAM, "HTTP 503", Duration.ofSeconds(5), Usage.NONE));
    router.drain();
    Instant retryAt = only(TaskFailed.class).retryAt();

    // When
    at(retryAt.minus(TICK));
    at(retryAt);

    // Then
    assertAskedAgain(retryAt);
  }

  @Test
  void shouldAskAgainForWorkOfWhichNothingIsHeardForItsLease() {
    // Given: a sign of life half way, from which the lease runs anew
    begun(Duration.ofHours(2));
    nexus.report(execution, new WorkStarted(FIRST, "exec-1", LEASE));
    router.drain();
    now = now.plusSeconds(15);
    nexus.report(execution, new WorkContinued(FIRST, "exec-1"));
    router.drain();
    Instant end = now.plus(LEASE);

    // When
    at(end.minus(TICK));
    at(end);

    // Then
    assertAskedAgain(end);
    assertThat(only(TaskFailed.class).failure()).isEqualTo(FailureClass.LOST);
    assertThat(only(TaskFailed.class).detail()).contains("exec-1");
  }

  @Test
  void shouldNotLetALeaseLastLongerBecauseTheClockIsSetBack() {
    // Given
    begun(Duration.ofHours(2));
    nexus.report(execution, new WorkStarted(FIRST, "exec-1", LEASE));
    router.drain();

    // When
    at(now.minus(Duration.ofHours(1)));
    Instant end = now.plus(LEASE);
    at(end.minus(TICK));
    at(end);

    // Then
    assertAskedAgain(end);
  }

  @Test
  void shouldNotWaitLongerForABacklogBecauseTheClockIsSetBack() {
    // Given a backlog that no record tells the end of, and an owner that has just come
    begun(Duration.ofHours(2));
    nexus.report(execution, new WorkStarted(FIRST, "exec-1", LEASE));
    router.drain();
    router.close();
    abortATransaction();
    router = owner();

    // When
    at(now.minus(Duration.ofHours(1)));
    Instant end = now.plus(LEASE);
    at(end);
    at(end.plus(TICK));

    // Then it is waited for as long as a lease is
    assertAskedAgain(end.plus(TICK));
  }

  /// Leaves an offset at the end of outcomes that readers never see.
  private void abortATransaction() {
    try (var producer = nexus.clients().transactionalProducer("aborted")) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(
          new ProducerRecord<>(nexus.clients().name(Topic.OUTCOMES), 0, "aborted", new byte[] {1}));
      producer.flush();
      producer.abortTransaction();
    }
  }

  @Test
  void shouldGrantALeaseAnewWhenItTakesAPartitionOver() {
    // Given
    begun(Duration.ofHours(2));
    nexus.report(execution, new WorkStarted(FIRST, "exec-1", LEASE));
    router.drain();
    router.close();

    // When: the new owner cannot know what its predecessor heard
    now = now.plus(LEASE).plus(LEASE);
    router = owner();
    Instant end = now.plus(LEASE);
    at(end.minus(TICK));
    at(end);

    // Then
    assertAskedAgain(end);
  }

  @Test
  void shouldAskAgainForWorkNobodyStartsWithinItsQueueLimit() {
    // Given
    begun(Duration.ofHours(2));
    Instant startBy = only(TaskRequested.class).startBy();

    // When
    at(startBy.minus(TICK));
    at(startBy);

    // Then
    assertAskedAgain(startBy);
    assertThat(only(TaskFailed.class).detail()).contains("queue limit");
  }

  @Test
  void shouldEndAnExecutionAtItsDeadlineAndTellCallerAndExecutor() {
    // Given
    begun(Duration.ofSeconds(60));
    Instant deadline = only(ExecutionAccepted.class).deadline();

    // When
    at(deadline.minus(TICK));
    at(deadline);

    // Then
    assertThat(only(ExecutionTimedOut.class).deadline()).isEqualTo(deadline);
    assertThat(broker.await(Topic.REPLIES, ReplyEvent.class, 1))
        .singleElement()
        .satisfies(
            reply -> {
              assertThat(((ProblemReplied) reply.body()).problem()).isEqualTo("timed-out");
              assertThat(reply.envelope().occurredAt()).isEqualTo(deadline);
            });
    assertThat(broker.await(Topic.TASK_CONTROL, TaskEvent.class, 1))
        .singleElement()
        .satisfies(e -> assertThat(((TaskCancelled) e.body()).task()).isEqualTo(FIRST));
  }

  @Test
  void shouldDecideByTheClockOfTheSenderAndKeepFactsByThatOfTheBroker() {
    // Given
    ready(Duration.ofHours(2));
    Instant ahead = now.plus(Duration.ofDays(365));

    // When
    nexus.producer().append(asked(ahead));
    router.drain();

    // Then
    assertThat(only(ExecutionAccepted.class).deadline()).isEqualTo(ahead.plus(Duration.ofHours(2)));
    assertThat(broker.read(Topic.EXECUTIONS, ExecutionEvent.class))
        .isNotEmpty()
        .allSatisfy(fact -> assertThat(fact.envelope().occurredAt()).isEqualTo(ahead));
    assertThat(broker.await(Topic.TASKS_CODE, TaskEvent.class, 1)).hasSize(1);
    for (Topic topic : List.of(Topic.REQUESTS, Topic.EXECUTIONS, Topic.TASKS_CODE)) {
      assertThat(new TopicReader(nexus.clients()).records(topic))
          .as("%s", topic)
          .isNotEmpty()
          .allSatisfy(
              record ->
                  assertThat(record.timestamp())
                      .isBetween(now.toEpochMilli(), System.currentTimeMillis()));
    }
  }

  @Test
  void shouldCountTheTimeOfWhatWasPutAsideFromWhenItIsWrittenAgain() {
    // Given
    ready(Duration.ofSeconds(60));
    ProducerRecord<String, byte[]> again = asked(now.minus(Duration.ofDays(1)));
    again.headers().add(EventRecords.REPLAY_OF, "nexus.requests-0@7".getBytes(UTF_8));

    // When
    nexus.producer().append(again);
    router.drain();

    // Then
    assertThat(only(ExecutionAccepted.class).deadline())
        .isBetween(now.plusSeconds(60), Instant.now().plusSeconds(60));
  }

  @Test
  void shouldPutAsideWhatHasATimeThatNoClockShows() {
    // Given
    ready(Duration.ofHours(2));

    // When
    nexus.producer().append(asked(Instant.ofEpochMilli(Long.MAX_VALUE)));
    nexus.producer().append(asked(Instant.ofEpochMilli(-1)));
    nexus.send(execution, request("1"));
    router.drain();

    // Then
    assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 2))
        .extracting(letter -> ((RecordDeadLettered) letter.body()).reason())
        .allSatisfy(reason -> assertThat(reason).contains("years 1970 to 9999"))
        .hasSize(2);
    assertThat(only(ExecutionAccepted.class).deadline()).isAfter(now);
  }

  /// Lets the clock show `instant` and the router look at it.
  private void at(Instant instant) {
    now = instant;
    router.passTime();
  }

  private <F extends ExecutionEvent> F only(Class<F> type) {
    return Eventually.value(
            () -> nexus.facts(execution).stream().filter(type::isInstance).map(type::cast).toList(),
            found -> found.size() == 1,
            "one " + type.getSimpleName())
        .getFirst();
  }

  /// The task was asked for a second time when the clock showed `instant`, and no more.
  private void assertAskedAgain(Instant instant) {
    var asked = broker.await(Topic.TASKS_CODE, TaskEvent.class, 2);
    assertThat(asked)
        .extracting(e -> ((TaskAssigned) e.body()).task())
        .containsExactly(FIRST, SECOND);
    assertThat(asked.getLast().envelope().occurredAt()).isEqualTo(instant);
  }
}
