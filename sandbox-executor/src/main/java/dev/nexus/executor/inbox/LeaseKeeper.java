package dev.nexus.executor.inbox;

import dev.nexus.executor.work.AssignedTask;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The clock of an executor's work: tells the log that started work goes on, and ends work whose
/// time is over.
public final class LeaseKeeper implements AutoCloseable {
  private final Outcomes outcomes;
  private final ScheduledThreadPoolExecutor clock =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("lease-keeper").factory());

  public LeaseKeeper(Outcomes outcomes) {
    this.outcomes = outcomes;
    clock.setRemoveOnCancelPolicy(true);
    clock.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    clock.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
  }

  /// Something that goes on until it is closed.
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /// The lease of a task, not yet begun.
  Lease of(AssignedTask task) {
    return new Lease(task, outcomes, clock);
  }

  /// Interrupts the work when its time is over, unless closed before.
  Held bound(RunningTasks.Running work, Duration timeout) {
    if (!timeout.isPositive()) {
      return () -> {};
    }
    ScheduledFuture<?> bell =
        clock.schedule(
            () -> work.interrupt(RunningTasks.End.TIMED_OUT),
            timeout.toNanos(),
            TimeUnit.NANOSECONDS);
    return () -> bell.cancel(false);
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
