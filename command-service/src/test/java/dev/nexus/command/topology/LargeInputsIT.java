package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.onPartitionZero;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.OutcomeEvent.WorkStarted;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Open executions with inputs as large as are kept inline take no more of the heap than others.
@ParameterizedClass
@EnumSource(BrokerAccess.class)
class LargeInputsIT {
  private static final TaskKey SERVE = new TaskKey(1, Role.SERVE, 1);
  private static final int LARGE = 200 << 10;
  private static final long BUDGET = 8 << 20;

  /// What is over it for a moment: the last one that was asked for, and what it grew by.
  private static final long TWO = 2 * 3 * (LARGE + 2_000);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private final BrokerAccess access;
  private RouterFixture nexus;

  LargeInputsIT(BrokerAccess access) {
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

  /// Sees what is held whenever somebody asks what may be.
  private static final class WatchedHeap extends HeapShare {
    private @Nullable ExecutionMemory memory;
    private long most;

    WatchedHeap() {
      super(BUDGET);
    }

    @Override
    long each() {
      if (memory != null) {
        most = Math.max(most, memory.bytes());
      }
      return super.each();
    }
  }

  private HandDrivenPartition owner(String shelf, WatchedHeap heap) {
    var limits =
        new RouterContext.Limits(
            Duration.ofMinutes(30), Duration.ofHours(24), Duration.ofHours(1), false, 4_096, heap);
    var context = nexus.context(directory.resolve(shelf), nexus.sinks(), limits, Clock.systemUTC());
    return new HandDrivenPartition(context, 0, memory -> heap.memory = memory);
  }

  private static void all(
      List<ExecutionId> executions, Function<ExecutionId, CompletableFuture<Void>> send) {
    CompletableFuture.allOf(executions.stream().map(send).toArray(CompletableFuture[]::new)).join();
  }

  private void reportAll(List<ExecutionId> executions, OutcomeEvent outcome) {
    all(executions, e -> nexus.reportLater(e, outcome));
  }

  @Test
  void shouldHoldNoMoreThanItsPartOfTheHeapWhateverItDecidesOnOrTakesOver() {
    // Given
    List<ExecutionId> executions = onPartitionZero("large", 60);
    var input = "\"" + "x".repeat(LARGE) + "\"";
    var first = new WatchedHeap();
    try (var owner = owner("first", first)) {
      all(executions, e -> nexus.sendLater(e, request(input)));
      owner.drain();
      reportAll(executions, new WorkStarted(SERVE, "exec-1", Duration.ofMinutes(30)));
      owner.drain();
    }

    // When one without its shelf goes on
    var second = new WatchedHeap();
    long folded;
    long settled;
    try (var next = owner("second", second)) {
      folded = second.most;
      reportAll(executions, new WorkSucceeded(SERVE, "exec-1", new Json("1"), Usage.NONE));
      next.drain();
      settled = next.bytesInTheHeap();
    }

    // Then
    assertThat(first.most).isBetween(BUDGET / 2, BUDGET + TWO);
    assertThat(folded).isBetween(BUDGET / 2, BUDGET + TWO);
    assertThat(second.most).isLessThanOrEqualTo(BUDGET + TWO);
    assertThat(settled).isZero();
    assertThat(broker.read(Topic.EXECUTIONS, ExecutionEvent.class)).hasSize(6 * 60);
    assertThat(broker.read(Topic.TASKS_CODE, TaskEvent.class)).hasSize(60);
    assertThat(broker.read(Topic.REPLIES, ReplyEvent.class))
        .hasSize(60)
        .allMatch(r -> r.body() instanceof ResultReplied);
  }
}
