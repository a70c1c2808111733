package dev.nexus.platform.security;

import dev.nexus.event.Excerpt;
import dev.nexus.event.TenantId;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.platform.security.Denials.Outcome;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
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
    var _ = counts.scheduleWithFixedDelay(this::writeCounted, every, every, TimeUnit.MILLISECONDS);
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
            Excerpt.of(denial.action(), LONGEST),
            Excerpt.of(denial.resource(), LONGEST),
            denial.reason(),
            Excerpt.of(denial.remoteAddress(), LONGEST));
    switch (denials.take(tenant, actor, Excerpt.of(what, LONGEST), kept)) {
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
      tell(e);
    }
  }

  /// Writes what was counted; what the log does not take is counted on. All of that is given back
  /// before anything else is done, which may fail too where the heap is full.
  private void write(List<Denials.Due> counted) {
    Throwable failure = null;
    for (Denials.Due due : counted) {
      if (failure == null) {
        failure = failureOf(due);
      }
      if (failure != null) {
        giveBack(due);
      }
    }
    if (failure != null) {
      tell(failure);
    }
  }

  private @Nullable Throwable failureOf(Denials.Due due) {
    try {
      write(due);
      return null;
    } catch (Throwable e) {
      return e;
    }
  }

  /// One that cannot be given back must not cost those behind it.
  private void giveBack(Denials.Due due) {
    try {
      denials.failed(due, 0);
    } catch (Throwable e) {
      tell(e);
    }
  }

  private static void tell(Throwable failure) {
    try {
      LOG.atWarn().setCause(failure).log("counted refusals are not in the audit yet");
    } catch (Throwable _) {
      // The counts matter more than the line about them, and a full heap may refuse that line.
    }
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
