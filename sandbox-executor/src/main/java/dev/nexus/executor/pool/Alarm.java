package dev.nexus.executor.pool;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Interrupts the thread that set it when time is up, and never after it was ended.
public final class Alarm {
  private static final ScheduledThreadPoolExecutor CLOCK = clock();

  private final Thread thread = Thread.currentThread();
  private @Nullable ScheduledFuture<?> bell;
  private boolean rung;
  private boolean over;

  private Alarm() {}

  private static ScheduledThreadPoolExecutor clock() {
    var clock =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("code-alarm").factory());
    clock.setRemoveOnCancelPolicy(true);
    return clock;
  }

  /// Interrupts the calling thread after `time`.
  public static Alarm after(Duration time) {
    Alarm alarm = new Alarm();
    alarm.bell = CLOCK.schedule(alarm::ring, time.toNanos(), TimeUnit.NANOSECONDS);
    return alarm;
  }

  private synchronized void ring() {
    if (!over) {
      rung = true;
      thread.interrupt();
    }
  }

  /// Ends the alarm and takes its interrupt back; whether it rang.
  public boolean end() {
    synchronized (this) {
      over = true;
      if (rung) {
        Thread.interrupted();
      }
    }
    if (bell != null) {
      bell.cancel(false);
    }
    return rung;
  }
}
