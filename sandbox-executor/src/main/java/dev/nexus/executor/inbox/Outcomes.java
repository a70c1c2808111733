package dev.nexus.executor.inbox;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Position;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.OutcomeEvent.WorkContinued;
import dev.nexus.event.task.OutcomeEvent.WorkDeoptimised;
import dev.nexus.event.task.OutcomeEvent.WorkFailed;
import dev.nexus.event.task.OutcomeEvent.WorkStarted;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.TaskKey;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// Writes what becomes of tasks to `nexus.outcomes`. Event ids derive from the task, so an outcome
/// written twice is recognised; each heartbeat has an id of its own.
public final class Outcomes {
  /// At four bytes a character the largest record a producer takes.
  private static final int MAX_OUTPUT_CHARS = 1_000_000;

  private final EventCodec<OutcomeEvent> codec = EventCodec.of(Topic.OUTCOMES, OutcomeEvent.class);
  private final EventProducer producer;
  private final InstanceId instance;
  private final Clock clock;

  public Outcomes(EventProducer producer, InstanceId instance, Clock clock) {
    this.producer = producer;
    this.instance = instance;
    this.clock = clock;
  }

  public CompletableFuture<Void> started(AssignedTask task) {
    return send(
        task,
        "started",
        new WorkStarted(task.body().task(), instance.value(), task.body().limits().lease()));
  }

  public CompletableFuture<Void> continued(AssignedTask task, int beat) {
    return send(
        task,
        "continued/" + instance + "/" + beat,
        new WorkContinued(task.body().task(), instance.value()));
  }

  public CompletableFuture<Void> finished(AssignedTask task, WorkResult result) {
    TaskKey key = task.body().task();
    return switch (result) {
      case WorkResult.Succeeded(var output, var usage) ->
          output.text().length() <= MAX_OUTPUT_CHARS
              ? send(task, "succeeded", new WorkSucceeded(key, instance.value(), output, usage))
              : finished(
                  task,
                  new WorkResult.Failed(
                      FailureClass.OUTPUT,
                      "at most "
                          + MAX_OUTPUT_CHARS
                          + " characters of output expected, found "
                          + output.text().length(),
                      Duration.ZERO,
                      usage));
      case WorkResult.Failed(var failure, var detail, var retryAfter, var usage) ->
          send(
              task,
              "failed",
              new WorkFailed(key, instance.value(), failure, detail, retryAfter, usage));
      case WorkResult.Deoptimised(var reason, var usage) ->
          send(task, "deoptimised", new WorkDeoptimised(key, instance.value(), reason, usage));
    };
  }

  private CompletableFuture<Void> send(AssignedTask task, String kind, OutcomeEvent body) {
    Envelope cause = task.envelope();
    var envelope =
        new Envelope(
            body.task().eventId(task.execution(), kind),
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
    return producer.send(
        codec, Keys.execution(cause.tenantId(), task.execution()), new Event<>(envelope, body));
  }
}
