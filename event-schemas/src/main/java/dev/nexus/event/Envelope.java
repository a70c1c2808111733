package dev.nexus.event;

import java.time.Instant;
import java.util.UUID;

/// The columns every event carries. An empty string means absent and is written as null.
public record Envelope(
    @Doc("Id of the event; the same id is the same event, so every consumer dedupes by it.")
        UUID eventId,
    @Doc("When it happened, milliseconds since the epoch, UTC.") Instant occurredAt,
    @Doc("Tenant that owns it.") TenantId tenantId,
    @Doc("Application it belongs to.") String appId,
    @Doc("Execution it belongs to, a UUID; absent for events outside of executions.")
        String executionId,
    @Doc("Position in the execution's facts: 1, 2, 3 … without gaps; 0 outside of facts.")
        long sequence,
    @Doc("Event id of the record that caused this one.") String causationId,
    @Doc("Id shared by everything that one outside stimulus caused.") String correlationId,
    @Doc("Who asked for it: key:<id>, integration:<id> or service:<name>.") String actor,
    @Doc("W3C trace context.") String traceparent,
    Position input) {

  public Envelope {
    if (sequence < 0) {
      throw new IllegalArgumentException("sequence must be 0 or more, found " + sequence);
    }
  }

  /// An envelope outside of any execution.
  public static Envelope of(UUID eventId, Instant at, TenantId tenant, String appId, String actor) {
    return new Envelope(
        eventId, at, tenant, appId, "", 0, "", eventId.toString(), actor, "", Position.NONE);
  }

  public Envelope withExecution(ExecutionId id) {
    return new Envelope(
        eventId,
        occurredAt,
        tenantId,
        appId,
        id.toString(),
        sequence,
        causationId,
        correlationId,
        actor,
        traceparent,
        input);
  }

  public Envelope withSequence(long number) {
    return new Envelope(
        eventId,
        occurredAt,
        tenantId,
        appId,
        executionId,
        number,
        causationId,
        correlationId,
        actor,
        traceparent,
        input);
  }

  public Envelope withInput(Position position) {
    return new Envelope(
        eventId,
        occurredAt,
        tenantId,
        appId,
        executionId,
        sequence,
        causationId,
        correlationId,
        actor,
        traceparent,
        position);
  }

  public Envelope causedBy(UUID cause, String correlation, String trace) {
    return new Envelope(
        eventId,
        occurredAt,
        tenantId,
        appId,
        executionId,
        sequence,
        cause.toString(),
        correlation,
        actor,
        trace,
        input);
  }

  /// The execution this event belongs to; throws `IllegalStateException` where there is none.
  public ExecutionId execution() {
    if (executionId.isEmpty()) {
      throw new IllegalStateException("event " + eventId + " belongs to no execution");
    }
    return ExecutionId.parse(executionId);
  }
}
