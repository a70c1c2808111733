package dev.nexus.event.audit;

import dev.nexus.event.Doc;

/// Who did or was refused what, on `nexus.audit-intents`.
public sealed interface AuditEvent {

  /// Written before the refusal is answered.
  record AccessDenied(
      @Doc("What was tried, such as invoke.") String action,
      @Doc("On what, such as app:orders.") String resource,
      @Doc("Why it was refused: no-key, unknown-key, expired, revoked, scope.") String reason,
      @Doc("Address it came from.") String remoteAddress)
      implements AuditEvent {}

  record ActionTaken(
      @Doc("What was done, such as key-issued.") String action, @Doc("On what.") String resource)
      implements AuditEvent {}
}
