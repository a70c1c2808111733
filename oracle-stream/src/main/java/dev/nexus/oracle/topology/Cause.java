package dev.nexus.oracle.topology;

import dev.nexus.event.Event;
import dev.nexus.event.Position;
import java.time.Instant;
import java.util.UUID;

/// The record that leads to a decision: its time is the time of the decision.
record Cause(Instant at, Position position, UUID eventId, String correlationId) {

  static Cause of(Event<?> event, Position position) {
    var envelope = event.envelope();
    return new Cause(envelope.occurredAt(), position, envelope.eventId(), envelope.correlationId());
  }
}
