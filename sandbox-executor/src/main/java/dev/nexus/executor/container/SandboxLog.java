package dev.nexus.executor.container;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.sandbox.SandboxEvent;
import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.event.sandbox.SandboxEvent.InstanceAllocated;
import dev.nexus.event.sandbox.SandboxEvent.InstanceEnded;
import dev.nexus.event.sandbox.SandboxEvent.InstanceReleased;
import dev.nexus.event.sandbox.SandboxEvent.InstanceStarted;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.stream.BestEffortEvents;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;

/// Writes what becomes of instances to `nexus.sandboxes`, behind the calls and never before them,
/// and counts it.
final class SandboxLog implements PoolListener {
  private static final int A_SECOND = 5_000;

  private final EventCodec<SandboxEvent> codec = EventCodec.of(Topic.SANDBOXES, SandboxEvent.class);
  private final BestEffortEvents sender;
  private final String executor;
  private final MeterRegistry meters;
  private final Clock clock;

  SandboxLog(KafkaClients clients, String executor, MeterRegistry meters, Clock clock) {
    this.sender =
        new BestEffortEvents(
            clients, executor + "-sandboxes", A_SECOND, BestEffortEvents.Account.NONE);
    this.executor = executor;
    this.meters = meters;
    this.clock = clock;
    sender.countDropped(meters, "sandboxes");
  }

  @Override
  public void started(PoolKey pool, String instance, Duration took) {
    Measure.SANDBOX_START.timer(meters, pool.home().text()).record(took);
    tell(
        pool,
        NameIds.uuid5("sandbox-started", instance),
        new InstanceStarted(name(pool), instance, executor, pool.image(), took));
  }

  @Override
  public void allocated(PoolKey pool, String instance, AssignedTask task, Duration waited) {
    Measure.SANDBOX_WAIT.timer(meters, pool.home().text()).record(waited);
    tell(
        pool,
        task,
        "sandbox-allocated",
        new InstanceAllocated(name(pool), instance, executor, task.body().task(), waited));
  }

  @Override
  public void released(
      PoolKey pool, String instance, AssignedTask task, String result, Duration used) {
    Measure.SANDBOX_CALL.timer(meters, pool.home().text(), result).record(used);
    tell(
        pool,
        task,
        "sandbox-released",
        new InstanceReleased(name(pool), instance, executor, task.body().task(), result, used));
  }

  @Override
  public void ended(PoolKey pool, String instance, EndReason reason, String detail, long calls) {
    Measure.SANDBOX_ENDED.counter(meters, pool.home().text(), reason.name()).increment();
    tell(
        pool,
        NameIds.uuid5("sandbox-ended", instance),
        new InstanceEnded(name(pool), instance, executor, reason, detail, calls));
  }

  private static String name(PoolKey pool) {
    return pool.home().definition().poolName();
  }

  private void tell(PoolKey pool, UUID id, SandboxEvent event) {
    offer(
        pool,
        Envelope.of(
            id,
            clock.instant(),
            pool.home().tenant(),
            pool.home().application(),
            "service:executor"),
        event);
  }

  private void tell(PoolKey pool, AssignedTask task, String kind, SandboxEvent event) {
    Envelope cause = task.envelope();
    offer(
        pool,
        new Envelope(
            task.body().task().eventId(task.execution(), kind),
            clock.instant(),
            cause.tenantId(),
            cause.appId(),
            cause.executionId(),
            0,
            cause.eventId().toString(),
            cause.correlationId(),
            "service:executor",
            cause.traceparent(),
            Position.NONE),
        event);
  }

  private void offer(PoolKey pool, Envelope envelope, SandboxEvent event) {
    String key = Keys.pool(envelope.tenantId(), envelope.appId(), name(pool));
    sender.offer(codec, null, key, new Event<>(envelope, event));
  }

  @Override
  public void close() {
    sender.close();
  }
}
