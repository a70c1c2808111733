package dev.nexus.executor.inbox;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Position;
import dev.nexus.event.metric.MetricEvent;
import dev.nexus.event.metric.MetricEvent.TaskMeasured;
import dev.nexus.event.task.Tier;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Measures tasks: one record each on `nexus.metrics`, and counters of this process. It never
/// holds up work: records go out in batches behind it, and are dropped when there are too many.
public final class TaskMeter implements AutoCloseable {
  private static final int WAITING = 20_000;
  private static final Duration BATCH = Duration.ofMillis(50);

  private record Measurement(String key, Event<MetricEvent> event) {}

  private final EventCodec<MetricEvent> codec = EventCodec.of(Topic.METRICS, MetricEvent.class);
  private final EventProducer producer;
  private final MeterRegistry meters;
  private final Clock clock;
  private final BlockingQueue<Measurement> waiting = new ArrayBlockingQueue<>(WAITING);
  private final ScheduledExecutorService sender =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("task-meter").factory());

  public TaskMeter(EventProducer producer, MeterRegistry meters, Clock clock) {
    this.producer = producer;
    this.meters = meters;
    this.clock = clock;
    sender.scheduleWithFixedDelay(
        this::flush, BATCH.toMillis(), BATCH.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// Counts a task that was taken and not done, and says why.
  void dropped(String reason) {
    meters.counter("nexus.tasks.dropped", "reason", reason).increment();
  }

  /// Records what a task came to. `begun` is when its work began.
  void measured(AssignedTask task, Tier tier, Instant begun, WorkResult result) {
    String name = nameOf(result);
    meters.counter("nexus.tasks", "tier", tier.name(), "result", name).increment();
    Envelope cause = task.envelope();
    Duration queued = Duration.between(cause.occurredAt(), begun);
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
            queued.isNegative() ? Duration.ZERO : queued,
            result.usage());
    String key = Keys.component(cause.tenantId(), cause.appId(), task.body().component());
    if (!waiting.offer(new Measurement(key, new Event<>(envelope, body)))) {
      meters.counter("nexus.metrics.dropped").increment();
    }
  }

  private static String nameOf(WorkResult result) {
    return switch (result) {
      case WorkResult.Succeeded _ -> "succeeded";
      case WorkResult.Deoptimised _ -> "deoptimised";
      case WorkResult.Failed failed -> failed.failure().name();
    };
  }

  private void flush() {
    Measurement next;
    while ((next = waiting.poll()) != null) {
      try {
        producer.send(codec, next.key(), next.event());
      } catch (RuntimeException e) {
        meters.counter("nexus.metrics.dropped").increment();
      }
    }
  }

  @Override
  public void close() {
    sender.shutdown();
    flush();
  }
}
