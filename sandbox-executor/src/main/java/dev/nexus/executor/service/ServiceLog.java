package dev.nexus.executor.service;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.log.LogEvent;
import dev.nexus.event.log.LogEvent.LineLogged;
import dev.nexus.event.log.LogEvent.LinesDropped;
import dev.nexus.event.sandbox.SandboxEvent;
import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.event.sandbox.SandboxEvent.ServiceEnded;
import dev.nexus.event.sandbox.SandboxEvent.ServiceHealthy;
import dev.nexus.event.sandbox.SandboxEvent.ServiceStarted;
import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.service.EdgeIds;
import dev.nexus.platform.stream.BestEffortEvents;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/// Writes what becomes of services to `nexus.sandboxes` and what they print to `nexus.logs`, and
/// counts it.
final class ServiceLog implements ServiceListener {
  private static final int EVENTS_A_SECOND = 1_000;

  /// Exit code of what is killed as it is removed.
  private static final int KILLED = 137;

  private static final String ACTOR = "service:executor";

  private final EventCodec<SandboxEvent> events =
      EventCodec.of(Topic.SANDBOXES, SandboxEvent.class);
  private final EventCodec<LogEvent> lines = EventCodec.of(Topic.LOGS, LogEvent.class);
  private final BestEffortEvents eventSender;
  private final BestEffortEvents lineSender;
  private final EventProducer producer;
  private final String executor;
  private final MeterRegistry meters;
  private final Clock clock;
  private final EdgeIds ids;

  /// @param producer of what must not be lost
  ServiceLog(
      KafkaClients clients,
      EventProducer producer,
      String executor,
      MeterRegistry meters,
      Clock clock) {
    this.producer = producer;
    this.eventSender = sender(clients, executor + "-services", EVENTS_A_SECOND);
    this.lineSender = sender(clients, executor + "-service-lines", LineShares.ALL_A_SECOND);
    this.executor = executor;
    this.meters = meters;
    this.clock = clock;
    this.ids = new EdgeIds(clock);
    eventSender.countDropped(meters, "services");
    lineSender.countDropped(meters, "service-lines");
  }

  private static BestEffortEvents sender(KafkaClients clients, String name, int aSecond) {
    return new BestEffortEvents(clients, name, aSecond, BestEffortEvents.Account.NONE);
  }

  @Override
  public void started(Container container) {
    tell(
        container,
        new ServiceStarted(
            container.key().service(),
            container.instance(),
            executor,
            container.image(),
            container.fallback(),
            container.restarts()));
  }

  @Override
  public void healthy(Container container, Duration took) {
    Measure.SERVICE_START.timer(meters, container.key().application()).record(took);
    tell(
        container,
        new ServiceHealthy(container.key().service(), container.instance(), executor, took));
  }

  @Override
  public void ended(
      Container container, EndReason reason, String detail, int exitCode, Duration pause) {
    Measure.SERVICE_ENDED.counter(meters, reason.name()).increment();
    tell(container, end(container, reason, detail, exitCode, pause));
  }

  private ServiceEnded end(
      Container container, EndReason reason, String detail, int exitCode, Duration pause) {
    return new ServiceEnded(
        container.key().service(),
        container.instance(),
        executor,
        reason,
        detail,
        exitCode,
        container.image(),
        container.fallback(),
        container.restarts(),
        pause);
  }

  @Override
  public void refused(Container container, String why) {
    tell(container, end(container, EndReason.REFUSED, why, 0, Duration.ZERO));
  }

  /// Whoever finds it once more says it by the same name.
  @Override
  public void orphaned(Container container, String detail) {
    Measure.SERVICE_ENDED.counter(meters, EndReason.ORPHANED.name()).increment();
    producer.append(
        events,
        container.key().text(),
        new Event<>(
            envelope(NameIds.uuid5("service-orphaned", container.instance()), container),
            end(container, EndReason.ORPHANED, detail, KILLED, Duration.ZERO)));
  }

  private void tell(Container container, SandboxEvent event) {
    eventSender.offer(
        events, null, container.key().text(), new Event<>(envelope(ids.next(), container), event));
  }

  @Override
  public void printed(Container container, boolean isError, String line) {
    ServiceKey key = container.key();
    Map<String, String> details =
        Map.of("service", key.service(), "stream", isError ? "stderr" : "stdout");
    log(
        container,
        new LineLogged(
            "INFO",
            "service." + key.service(),
            container.instance(),
            isError ? "stderr" : "stdout",
            line,
            CanonicalJson.toJson(details),
            ""));
  }

  @Override
  public void dropped(Container container, long count) {
    Measure.SERVICE_LINES_DROPPED
        .counter(meters, container.key().application())
        .increment((double) count);
    log(container, new LinesDropped(container.instance(), count));
  }

  private void log(Container container, LogEvent event) {
    lineSender.offer(
        lines, null, container.key().text(), new Event<>(envelope(ids.next(), container), event));
  }

  private Envelope envelope(UUID id, Container container) {
    ServiceKey key = container.key();
    return Envelope.of(id, clock.instant(), key.tenant(), key.application(), ACTOR);
  }

  @Override
  public void close() {
    eventSender.close();
    lineSender.close();
  }
}
