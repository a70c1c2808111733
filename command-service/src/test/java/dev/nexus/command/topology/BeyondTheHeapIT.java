package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.onPartitionZero;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.SetClock;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.event.request.RequestEvent.TruthSubmitted;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Executions the heap has no room for are on the shelf, and none the worse for it.
@ParameterizedClass
@EnumSource(BrokerAccess.class)
class BeyondTheHeapIT {
  private static final int HOT = 200;
  private static final TaskKey SERVE = new TaskKey(1, Role.SERVE, 1);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private final SetClock clock = new SetClock();
  private final BrokerAccess access;
  private RouterFixture nexus;

  BeyondTheHeapIT(BrokerAccess access) {
    this.access = access;
  }

  @BeforeEach
  void begin() {
    nexus = new RouterFixture(broker, access);
    nexus.publish();
  }

  @AfterEach
  void end() {
    nexus.close();
  }

  private HandDrivenPartition owner() {
    var limits =
        new RouterContext.Limits(
            Duration.ofMinutes(30), Duration.ofHours(24), Duration.ofHours(1), false, HOT);
    return new HandDrivenPartition(nexus.context(directory, nexus.sinks(), limits, clock), 0);
  }

  private void sendAll(List<ExecutionId> executions) {
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    executions.forEach(e -> sent.add(nexus.sendLater(e, request("1"))));
    CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
  }

  private void succeedAll(List<ExecutionId> executions) {
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    executions.forEach(
        e ->
            sent.add(
                nexus.reportLater(
                    e, new WorkSucceeded(SERVE, "exec-1", new Json("1"), Usage.NONE))));
    CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
  }

  @Test
  void shouldHoldFarMoreOpenExecutionsThanTheHeapMay() {
    // Given
    List<ExecutionId> executions = onPartitionZero("many", 20_000);
    try (var owner = owner()) {
      sendAll(executions);
      owner.drain();
      assertThat(owner.executionsInTheHeap()).isLessThanOrEqualTo(HOT);
      succeedAll(executions.subList(0, 10_000));
      owner.drain();
    }

    // When
    try (var next = owner()) {
      assertThat(next.executionsInTheHeap()).isLessThanOrEqualTo(HOT);
      succeedAll(executions.subList(10_000, 20_000));
      sendAll(executions.subList(0, 500));
      next.drain();

      // Then
      assertThat(next.executionsInTheHeap()).isLessThanOrEqualTo(HOT);
    }
    assertThat(broker.read(Topic.EXECUTIONS, ExecutionEvent.class)).hasSize(100_000);
    assertThat(broker.read(Topic.EXECUTIONS, ExecutionEvent.class))
        .filteredOn(f -> f.body() instanceof ExecutionSucceeded)
        .hasSize(20_000)
        .extracting(f -> f.envelope().executionId())
        .doesNotHaveDuplicates();
    assertThat(broker.read(Topic.REPLIES, ReplyEvent.class)).hasSize(20_500);
  }

  @Test
  void shouldForgetTheAnswerButNeverTheNumbersOfAnExpiredExecution() {
    // Given
    List<ExecutionId> executions = onPartitionZero("old", 2);
    try (var owner = owner()) {
      sendAll(executions);
      owner.drain();
      succeedAll(executions);
      owner.drain();
      clock.passes(Duration.ofHours(23));
      owner.passTime();
      sendAll(executions.subList(0, 1));
      owner.drain();

      // When
      clock.passes(Duration.ofHours(2));
      owner.passTime();
      sendAll(executions);
      nexus.send(executions.get(0), new TruthSubmitted(new Json("2")));
      owner.drain();

      // Then
      var replies = broker.read(Topic.REPLIES, ReplyEvent.class);
      assertThat(replies).filteredOn(r -> r.body() instanceof ResultReplied).hasSize(3);
      assertThat(replies)
          .filteredOn(r -> r.body() instanceof RefusalReplied)
          .hasSize(2)
          .allMatch(r -> ((RefusalReplied) r.body()).problem().equals("idempotency-key-expired"));
      assertThat(broker.read(Topic.EXECUTIONS, ExecutionEvent.class))
          .filteredOn(f -> f.envelope().executionId().equals(executions.get(0).toString()))
          .extracting(f -> f.envelope().sequence())
          .containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    }
  }

  @Test
  void shouldDropWhatExpiresAsFastAsMoreEndsThanARouterDecides() {
    // Given
    List<ExecutionId> executions = onPartitionZero("old", 2_000);
    try (var owner = owner()) {
      sendAll(executions);
      owner.drain();
      succeedAll(executions);
      owner.drain();
      clock.passes(Duration.ofHours(25));

      // When a fifth of a second passes, by the clock that it asks
      Duration passed = Duration.ZERO;
      while (passed.compareTo(Duration.ofMillis(200)) < 0) {
        owner.passTime();
        Duration step = owner.untilDue();
        passed = passed.plus(step);
        clock.passes(step);
      }
      sendAll(executions);
      owner.drain();

      // Then
      assertThat(broker.read(Topic.REPLIES, ReplyEvent.class))
          .filteredOn(r -> r.body() instanceof RefusalReplied)
          .hasSize(2_000);
    }
  }
}
