package dev.nexus.event.audit;

import dev.nexus.event.Doc;

/// Who did or was refused what, on `nexus.audit-intents`.
public sealed interface AuditEvent {

  /// Written before the refusal is answered, or, where equal ones came just before, a second later
  /// for all of them.
  record AccessDenied(
      @Doc("What was tried, such as invoke.") String action,
      @Doc("On what, such as app:orders.") String resource,
      @Doc(
              "Why it was refused: no-key, unknown-key, expired, revoked, scope, no-signature,"
                  + " wrong-signature, too-often, not-allowed.")
          String reason,
      @Doc("Address it came from.") String remoteAddress,
      @Doc("How many equal refusals it stands for; absent for one.") int count)
      implements AuditEvent {
    public AccessDenied {
      count = Math.max(1, count);
    }

    /// One refusal.
    public AccessDenied(String action, String resource, String reason, String remoteAddress) {
      this(action, resource, reason, remoteAddress, 1);
    }
  }

  record ActionTaken(
      @Doc("What was done, such as key-issued.") String action, @Doc("On what.") String resource)
      implements AuditEvent {}
}
