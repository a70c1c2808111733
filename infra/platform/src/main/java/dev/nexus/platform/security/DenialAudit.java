package dev.nexus.platform.security;

import dev.nexus.event.TenantId;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.platform.security.Denials.Outcome;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Audits who was refused what. The first refusal of a kind is on the log when these methods
/// return; when it cannot be written they throw `RequestNotAcceptedException`. Equal ones that
/// follow within a second are counted in one record after it.
public final class DenialAudit implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DenialAudit.class);

  /// Characters of what a caller chose: the record is kept for a year.
  private static final int LONGEST = 256;

  private final AuditTrail audit;
  private final Denials denials;
  private final ScheduledExecutorService counts =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("audit-counts").factory());

  public DenialAudit(AuditTrail audit, LongSupplier nanos) {
    this.audit = audit;
    this.denials = new Denials(nanos);
    long every = Denials.WINDOW.toMillis();
    var _ =
        counts.scheduleWithFixedDelay(this::writeCounted, every, every, TimeUnit.MILLISECONDS);
  }

  /// Throws `AccessRefusedException` when its address was refused too often.
  public void denied(TenantId tenant, String actor, AccessDenied denial) {
    denied(tenant, actor, denial.action() + " " + denial.resource(), denial);
  }

  /// The same, where what was tried is of the caller's choice.
  ///
  /// @param what was tried, in words of ours, by which equal refusals are known
  public void denied(TenantId tenant, String actor, String what, AccessDenied denial) {
    var kept =
        new AccessDenied(
            shortened(denial.action()),
            shortened(denial.resource()),
            denial.reason(),
            shortened(denial.remoteAddress()));
    switch (denials.take(tenant, actor, shortened(what), kept)) {
      case Outcome.Write first -> {
        try {
          write(first.due());
        } catch (Throwable e) {
          denials.failed(first.due(), 1);
          throw e;
        }
      }
      case Outcome.Counted _ -> {}
      case Outcome.TooOften flood ->
          throw AccessRefusedException.tooOften(kept.remoteAddress(), flood.delay());
    }
  }

  private void write(Denials.Due due) {
    audit.denied(due.kind().tenant(), due.kind().actor(), due.denial());
  }

  /// One round that fails, by an `Error` too, must not be the last: what is counted would be
  /// written by nobody.
  private void writeCounted() {
    try {
      write(denials.due());
    } catch (Throwable e) {
      LOG.atWarn().setCause(e).log("counted refusals are not in the audit yet");
    }
  }

  /// Writes what was counted; what the log does not take is counted on.
  private void write(List<Denials.Due> counted) {
    boolean taken = true;
    for (Denials.Due due : counted) {
      try {
        if (taken) {
          write(due);
        } else {
          denials.failed(due, 0);
        }
      } catch (Throwable e) {
        denials.failed(due, 0);
        taken = false;
        LOG.atWarn().setCause(e).log("counted refusals are not in the audit yet");
      }
    }
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
  }

  /// Sends what was counted in the last second, and does not wait for the log: a broker that is
  /// away must not hold up the end of the process.
  @Override
  public void close() {
    counts.shutdown();
    for (Denials.Due due : denials.rest()) {
      try {
        var _ = audit.send(due.kind().tenant(), due.kind().actor(), due.denial());
      } catch (RuntimeException e) {
        LOG.atWarn().setCause(e).log("refusals of the last second are not in the audit");
        return;
      }
    }
  }
}
