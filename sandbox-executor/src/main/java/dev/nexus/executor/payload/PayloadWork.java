package dev.nexus.executor.payload;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.Work;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.platform.blob.PayloadGoneException;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.blob.QuotaExceededException;
import java.io.UncheckedIOException;
import java.time.Duration;

/// Any work with contents in place of references: the input is fetched before, a large output is
/// kept after. What does the work never sees a reference.
public final class PayloadWork implements Work {
  /// Characters of an output, at most: it is held in memory by everyone who reads it.
  private static final int MOST_CHARACTERS = 16 << 20;

  private final Work work;
  private final Payloads payloads;

  public PayloadWork(Work work, Payloads payloads) {
    this.work = work;
    this.payloads = payloads;
  }

  @Override
  public WorkResult perform(AssignedTask task) throws InterruptedException {
    TenantId tenant = task.envelope().tenantId();
    try {
      Json input = payloads.content(tenant, task.body().input());
      WorkResult result =
          work.perform(new AssignedTask(task.envelope(), task.body().withInput(input)));
      return result instanceof WorkResult.Succeeded(var output, var usage)
          ? kept(tenant, output, usage)
          : result;
    } catch (PayloadGoneException e) {
      return WorkResult.Failed.of(FailureClass.REFUSED, String.valueOf(e.getMessage()));
    } catch (UncheckedIOException e) {
      return WorkResult.Failed.of(FailureClass.UNREACHABLE, String.valueOf(e.getMessage()));
    }
  }

  /// The work is done and has cost what it cost, also when its output is not kept.
  private WorkResult kept(TenantId tenant, Json output, Usage usage) {
    int length = output.text().length();
    if (length > MOST_CHARACTERS) {
      return failed(
          FailureClass.OUTPUT,
          "at most " + MOST_CHARACTERS + " characters of output expected, found " + length,
          usage);
    }
    try {
      return new WorkResult.Succeeded(payloads.keepOutput(tenant, output), usage);
    } catch (QuotaExceededException e) {
      return failed(FailureClass.OUTPUT, String.valueOf(e.getMessage()), usage);
    } catch (UncheckedIOException e) {
      return failed(FailureClass.UNREACHABLE, String.valueOf(e.getMessage()), usage);
    }
  }

  private static WorkResult failed(FailureClass failure, String detail, Usage usage) {
    return new WorkResult.Failed(failure, detail, Duration.ZERO, usage);
  }

  /// Work on a large input has a disk to wait for, and an output that may be as large.
  @Override
  public boolean isInstant(AssignedTask task) {
    return payloads.isSmall(task.body().input()) && work.isInstant(task);
  }

  @Override
  public Tier tier(AssignedTask task) {
    return work.tier(task);
  }
}
