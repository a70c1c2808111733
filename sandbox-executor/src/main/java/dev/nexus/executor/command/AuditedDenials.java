package dev.nexus.executor.command;

import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.platform.security.AccessRefusedException;
import dev.nexus.platform.security.DenialAudit;

/// Keeps refused commands on `nexus.audit-intents`, where what is refused at the edges is too.
public final class AuditedDenials implements CommandDenials {
  private static final String ACTION = "execute-command";
  private static final String REASON = "not-allowed";

  private final DenialAudit audit;

  public AuditedDenials(DenialAudit audit) {
    this.audit = audit;
  }

  @Override
  public void denied(AssignedTask task, String command) {
    String component = task.envelope().appId() + "/" + task.body().component();
    var denial =
        new AccessDenied(
            ACTION,
            "component:" + component + " execution:" + task.execution() + " command:" + command,
            REASON,
            "");
    try {
      audit.denied(
          task.envelope().tenantId(), task.envelope().actor(), ACTION + " " + component, denial);
    } catch (AccessRefusedException tooOften) {
      // It is counted; only who calls from an address can be told to wait.
    }
  }
}
