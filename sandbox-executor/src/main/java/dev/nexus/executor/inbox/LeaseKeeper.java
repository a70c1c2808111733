package dev.nexus.executor.inbox;

import dev.nexus.executor.work.AssignedTask;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Tells the log that started work goes on, three times a lease, and ends work that takes too long.
public final class LeaseKeeper implements AutoCloseable {
  private static final Duration SHORTEST_BEAT = Duration.ofMillis(50);

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

  /// Sends heartbeats for the task until closed.
  Held keep(AssignedTask task) {
    AtomicInteger beats = new AtomicInteger();
    Duration third = task.body().limits().lease().dividedBy(3);
    long period = (third.compareTo(SHORTEST_BEAT) < 0 ? SHORTEST_BEAT : third).toNanos();
    ScheduledFuture<?> beating =
        clock.scheduleAtFixedRate(
            () -> outcomes.continued(task, beats.incrementAndGet()),
            period,
            period,
            TimeUnit.NANOSECONDS);
    return () -> beating.cancel(false);
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
