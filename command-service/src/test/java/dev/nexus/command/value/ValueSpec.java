package dev.nexus.command.value;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.value.ValueDecision.Accepted;
import dev.nexus.command.value.ValueDecision.Answered;
import dev.nexus.command.value.ValueDecision.Refused;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.TenantId;
import dev.nexus.event.value.ValueEvent;
import dev.nexus.event.value.ValueRefusal;
import dev.nexus.event.value.ValueReplyEvent;
import dev.nexus.event.value.ValueRequestEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Given values, when a request comes, then this is changed and answered. The first request stands
/// at offset 0 of its partition.
final class ValueSpec {
  static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  static final Room.Limits LIMITS = new Room.Limits(3, 1_000);

  /// A request as it stands on its partition, and what was decided on it.
  record Asked(Event<ValueRequestEvent> request, long place, Instant at, ValueDecision decision) {}

  private final ValueTable table = new ValueTable(LIMITS);
  private final List<Event<ValueEvent>> facts = new ArrayList<>();
  private final List<Asked> asked = new ArrayList<>();
  private Instant at = BEGIN;
  private long place;
  private ValueDecision decision = new Accepted(new ValueEvent.RequestsDecided());

  /// Requests that were decided before.
  static ValueSpec given(ValueRequestEvent... requests) {
    ValueSpec spec = new ValueSpec();
    for (ValueRequestEvent request : requests) {
      spec.when(request);
      assertThat(spec.decision).isInstanceOf(Accepted.class);
    }
    return spec;
  }

  ValueSpec after(Duration time) {
    at = at.plus(time);
    return this;
  }

  ValueSpec when(ValueRequestEvent request) {
    return when("request " + place, request);
  }

  /// A request of this id; asked again, it is a repeated one.
  ValueSpec when(String id, ValueRequestEvent request) {
    return when("orders", id, request);
  }

  ValueSpec when(String app, String id, ValueRequestEvent request) {
    UUID requestId = NameIds.uuid5("request", id);
    Envelope envelope = Envelope.of(requestId, at, TenantId.DEFAULT, app, "key:spec");
    var event = new Event<>(envelope, request);
    decision = table.decide(event, place, at);
    asked.add(new Asked(event, place, at, decision));
    if (decision instanceof Accepted(var body)) {
      Event<ValueEvent> fact = fact(envelope, body, table.now(), place);
      table.take(fact);
      facts.add(fact);
    }
    place++;
    return this;
  }

  static Event<ValueEvent> fact(Envelope cause, ValueEvent body, Instant now, long place) {
    return new Event<>(
        new Envelope(
            NameIds.uuid5("fact", Long.toString(place)),
            now,
            cause.tenantId(),
            cause.appId(),
            "",
            0,
            cause.eventId().toString(),
            "",
            cause.actor(),
            "",
            new Position("nexus.value-requests", 0, place)),
        body);
  }

  ValueSpec thenFact(ValueEvent fact) {
    assertThat(decision).isEqualTo(new Accepted(fact));
    return this;
  }

  ValueSpec thenAnswered(ValueReplyEvent reply) {
    assertThat(decision).isEqualTo(new Answered(reply));
    return this;
  }

  ValueSpec thenRefused(ValueRefusal why, String... says) {
    assertThat(decision).isInstanceOf(Refused.class);
    var reply = ((Refused) decision).reply();
    assertThat(reply.problem()).isEqualTo(why.word());
    assertThat(List.of(says)).allSatisfy(said -> assertThat(reply.detail()).contains(said));
    return this;
  }

  ValueDecision decision() {
    return decision;
  }

  ValueTable table() {
    return table;
  }

  List<Asked> asked() {
    return asked;
  }

  List<Event<ValueEvent>> facts() {
    return facts;
  }
}
