package dev.nexus.oracle.topology;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.TenantId;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.RouteEvent;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Tier;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/// The oracle between a router and a log that live in memory: what the oracle writes is kept by
/// topic, what it asks for is answered when the test says so.
final class Road {
  private static final KafkaClients NAMES =
      new KafkaClients(Map.of("bootstrap.servers", "localhost:1"), "");
  /// The answer that stands for none.
  static final Json OUTAGE = new Json("outage");

  private static final int PARTITIONS = 4;

  final List<Event<EvidenceEvent>> evidence = new ArrayList<>();
  final List<Event<PromotionEvent>> promotions = new ArrayList<>();
  final List<Event<RouteEvent>> routes = new ArrayList<>();
  final List<Event<RequestEvent>> requests = new ArrayList<>();
  private final List<Recorded> executions = new ArrayList<>();
  private final Map<Integer, Long> ends = new HashMap<>();
  private final Deque<Event<RequestEvent>> unanswered = new ArrayDeque<>();
  private final CallScript application;
  private Instant now = Instant.parse("2026-11-20T12:00:00Z");
  private Outbox outbox;
  private Components components;
  private ExecutionFacts facts;
  private int calls;
  private boolean dying;

  private record Recorded(Event<ExecutionEvent> fact, Position position) {}

  Road(CallScript application) {
    this.application = application;
    restart();
  }

  /// Forgets everything but the log, and goes on from there; the round that was not written is
  /// lost.
  void restart() {
    outbox = new Outbox(NAMES, 0);
    components =
        new Components(
            new Components.Ownership(0, 1),
            new Definitions(application.versions()),
            outbox,
            new SystemApplication(application.versions()));
    evidence.forEach(components::evidence);
    promotions.forEach(components::promotion);
    for (int offset = 0; offset < routes.size(); offset++) {
      components.route(routes.get(offset), offset);
    }
    components.followDefinitions();
    facts = new ExecutionFacts(components);
    for (Recorded recorded : executions) {
      give(recorded);
    }
    facts.goLive(now);
  }

  /// Forgets the oldest facts too, a share of them, as the log does, and then all but the log.
  void restartWithoutTheOldest(double share) {
    executions.subList(0, (int) (share * executions.size())).clear();
    restart();
  }

  /// Lets the oracle die before its next write: what it has decided is lost with it.
  void dieBeforeNextWrite() {
    dying = true;
  }

  /// Writes what the oracle has decided.
  void write() {
    List<Outbox.Pending> decided = outbox.take();
    if (dying && !decided.isEmpty()) {
      dying = false;
      restart();
      decided = outbox.take();
    }
    for (var pending : decided) {
      ProducerRecord<String, byte[]> record = pending.record();
      switch (Topic.named(record.topic()).orElseThrow()) {
        case EVIDENCE ->
            evidence.add(EventCodec.of(Topic.EVIDENCE, EvidenceEvent.class).decode(record.value()));
        case PROMOTIONS ->
            promotions.add(
                EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class).decode(record.value()));
        case ROUTES -> {
          routes.add(EventCodec.of(Topic.ROUTES, RouteEvent.class).decode(record.value()));
          pending.route().forEach(key -> components.get(key).serving().stands(routes.size() - 1L));
        }
        case REQUESTS -> {
          var request = EventCodec.of(Topic.REQUESTS, RequestEvent.class).decode(record.value());
          boolean repeated =
              requests.stream()
                  .anyMatch(
                      r -> r.envelope().executionId().equals(request.envelope().executionId()));
          requests.add(request);
          if (!repeated) {
            unanswered.add(request);
          }
        }
        default -> throw new IllegalStateException("written to " + record.topic());
      }
    }
  }

  boolean wroteAnything() {
    return !(evidence.isEmpty() && promotions.isEmpty() && routes.isEmpty() && requests.isEmpty());
  }

  /// A caller's call, from the request to the report of the truth.
  void call(Json input, Json truth) {
    String execution = NameIds.uuid5("call", Integer.toString(calls++)).toString();
    Optional<CallScript.Route> route =
        routes.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new CallScript.Route((RouteSet) routes.getLast().body(), routes.size() - 1L));
    for (ExecutionEvent fact : application.facts(execution, input, truth, route, now)) {
      append(TestDefinitions.APP, execution, fact);
    }
    write();
  }

  /// Answers what the oracle has asked for, until it asks for nothing more.
  void answer() {
    while (!unanswered.isEmpty()) {
      Event<RequestEvent> request = unanswered.poll();
      Json answer = application.answer((InvokeRequested) request.body());
      append(
          SystemApplication.APP,
          request.envelope().executionId(),
          answer.equals(OUTAGE)
              ? new ExecutionFailed(FailureClass.UPSTREAM, "no model answers")
              : new ExecutionSucceeded(answer, Tier.BUILTIN));
      write();
    }
  }

  void pass(java.time.Duration time) {
    now = now.plus(time);
  }

  void definitionsChanged() {
    facts.followDefinitions(now);
    write();
  }

  List<ComparisonCounted> comparisons() {
    return evidence.stream().map(e -> (ComparisonCounted) e.body()).toList();
  }

  List<PromotionEvent> decisions() {
    return promotions.stream().map(Event::body).toList();
  }

  private void append(String app, String execution, ExecutionEvent body) {
    now = now.plusMillis(1);
    int partition = Math.floorMod(execution.hashCode(), PARTITIONS);
    long offset = ends.merge(partition, 1L, Long::sum) - 1;
    var envelope =
        new Envelope(
            NameIds.uuid5("fact", partition + "/" + offset),
            now,
            TenantId.DEFAULT,
            app,
            execution,
            1,
            "",
            "correlation",
            "key:test",
            "",
            Position.NONE);
    Recorded recorded =
        new Recorded(
            new Event<>(envelope, body),
            new Position(Topic.EXECUTIONS.topicName(), partition, offset));
    executions.add(recorded);
    give(recorded);
  }

  private void give(Recorded recorded) {
    int partition = recorded.position().inputPartition();
    facts.take(recorded.fact(), recorded.position());
    facts.passed(partition, recorded.position().inputOffset() + 1);
  }
}
