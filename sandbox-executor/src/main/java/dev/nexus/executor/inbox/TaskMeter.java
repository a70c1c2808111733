package dev.nexus.executor.inbox;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Position;
import dev.nexus.event.metric.MetricEvent;
import dev.nexus.event.metric.MetricEvent.TaskMeasured;
import dev.nexus.event.task.Tier;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.stream.BestEffortEvents;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/// Measures tasks: one record each on `nexus.metrics`, and counters of this process. It never
/// holds up work: records go out in batches behind it, and are dropped when there are too many.
public final class TaskMeter implements AutoCloseable {
  private static final int A_SECOND = 20_000;

  private final EventCodec<MetricEvent> codec = EventCodec.of(Topic.METRICS, MetricEvent.class);
  private final BestEffortEvents sender;
  private final MeterRegistry meters;
  private final Clock clock;

  public TaskMeter(KafkaClients clients, String instance, MeterRegistry meters, Clock clock) {
    this.sender =
        new BestEffortEvents(
            clients, instance + "-metrics", A_SECOND, BestEffortEvents.Account.NONE);
    this.meters = meters;
    this.clock = clock;
    sender.countDropped(meters, "tasks");
  }

  /// Counts a task that was taken and not done, and says why.
  void dropped(String reason) {
    Measure.TASKS_LEFT.counter(meters, reason).increment();
  }

  /// Records what a task came to. `begun` is when its work began.
  void measured(AssignedTask task, Tier tier, Instant begun, WorkResult result) {
    String name = nameOf(result);
    Envelope cause = task.envelope();
    Duration between = Duration.between(cause.occurredAt(), begun);
    Duration queued = between.isNegative() ? Duration.ZERO : between;
    Measure.TASKS.counter(meters, tier.name(), name).increment();
    Measure.TASK_WAIT.timer(meters, tier.name()).record(queued);
    Measure.TASK_WORK.timer(meters, tier.name()).record(result.usage().worked());
    var envelope =
        new Envelope(
            task.body().task().eventId(task.execution(), "measured"),
            clock.instant(),
            cause.tenantId(),
            cause.appId(),
            cause.executionId(),
            0,
            cause.eventId().toString(),
            cause.correlationId(),
            "service:executor",
            cause.traceparent(),
            Position.NONE);
    var body =
        new TaskMeasured(
            task.body().task(),
            task.body().component(),
            tier,
            task.body().candidateHash(),
            name,
            queued,
            result.usage());
    String key = Keys.component(cause.tenantId(), cause.appId(), task.body().component());
    sender.offer(codec, null, key, new Event<>(envelope, body));
  }

  private static String nameOf(WorkResult result) {
    return switch (result) {
      case WorkResult.Succeeded _ -> "succeeded";
      case WorkResult.Deoptimised _ -> "deoptimised";
      case WorkResult.Failed failed -> failed.failure().name();
    };
  }

  @Override
  public void close() {
    sender.close();
  }
}
