package dev.nexus.executor.inbox;

import dev.nexus.executor.work.AssignedTask;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is said of a task while it goes on: `WorkStarted` once, then a heartbeat three times a
/// lease. Nothing of it is written after the end, so that the outcome is the last word on the task.
final class Lease {
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
  private static final Duration SHORTEST_BEAT = Duration.ofMillis(50);

  private final AssignedTask task;
  private final Outcomes outcomes;
  private final ScheduledExecutorService clock;
  private @Nullable ScheduledFuture<?> beating;
  private int beats;
  private boolean over;

  Lease(AssignedTask task, Outcomes outcomes, ScheduledExecutorService clock) {
    this.task = task;
    this.outcomes = outcomes;
    this.clock = clock;
  }

  /// Begins the lease and completes when the log has `WorkStarted`; empty when it ended before.
  synchronized Optional<CompletableFuture<Void>> begin() {
    if (over) {
      return Optional.empty();
    }
    Duration third = task.body().limits().lease().dividedBy(3);
    long period = (third.compareTo(SHORTEST_BEAT) < 0 ? SHORTEST_BEAT : third).toNanos();
    beating = clock.scheduleAtFixedRate(this::beat, period, period, TimeUnit.NANOSECONDS);
    return Optional.of(outcomes.started(task));
  }

  /// One heartbeat that fails, by an `Error` too, must not be the last: the work would count as
  /// lost while it goes on.
  private synchronized void beat() {
    if (over) {
      return;
    }
    try {
      outcomes.continued(task, ++beats);
    } catch (Throwable e) {
      LOG.atWarn()
          .setCause(e)
          .addKeyValue("execution", task.envelope().executionId())
          .log("heartbeat not written");
    }
  }

  /// Ends the lease; a heartbeat under way is written before this returns.
  synchronized void end() {
    over = true;
    if (beating != null) {
      beating.cancel(false);
    }
  }
}
