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
    alarm.set(time.toNanos());
    return alarm;
  }

  private void set(long nanos) {
    bell = CLOCK.schedule(this::ring, nanos, TimeUnit.NANOSECONDS);
  }

  private synchronized void ring() {
    if (!over) {
      rung = true;
      thread.interrupt();
    }
  }

  /// Stops the time until the pause is closed. One that has rung stays so, and its interrupt with
  /// it.
  public Pause pause() {
    long left = bell == null ? 0 : bell.getDelay(TimeUnit.NANOSECONDS);
    synchronized (this) {
      over = true;
    }
    if (bell != null) {
      bell.cancel(false);
    }
    return new Pause(left);
  }

  /// A time that does not count.
  public final class Pause implements AutoCloseable {
    private final long left;

    private Pause(long left) {
      this.left = left;
    }

    /// Time counts again.
    @Override
    public void close() {
      synchronized (Alarm.this) {
        over = false;
      }
      if (!rung) {
        set(left);
      }
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
