package dev.nexus.executor.pool;

import java.time.Duration;

/// Interrupts the thread that set it when time is up, and never after it was ended.
public final class Alarm {
  static final int NOT_SET = -1;

  private static final AlarmClock CLOCK = new AlarmClock();

  /// So far ahead that differences of times still have their sign.
  private static final long LONGEST = Long.MAX_VALUE / 4;

  private final AlarmClock clock;
  private final Thread thread = Thread.currentThread();

  /// When it rings, as `System.nanoTime` counts. Set before the clock knows it.
  long time;

  /// Where the clock has it. The clock's own.
  int place = NOT_SET;

  private boolean rung;
  private boolean over;

  private Alarm(AlarmClock clock) {
    this.clock = clock;
  }

  /// Interrupts the calling thread after `time`.
  public static Alarm after(Duration time) {
    return after(time, CLOCK);
  }

  static Alarm after(Duration time, AlarmClock clock) {
    var alarm = new Alarm(clock);
    alarm.set(time.toNanos());
    return alarm;
  }

  private void set(long nanos) {
    time = System.nanoTime() + Math.min(nanos, LONGEST);
    clock.add(this);
  }

  synchronized void ring() {
    if (!over) {
      rung = true;
      thread.interrupt();
    }
  }

  /// Stops the time until the pause is closed. One that has rung stays so, and its interrupt with
  /// it.
  public Pause pause() {
    long left = time - System.nanoTime();
    synchronized (this) {
      over = true;
    }
    clock.remove(this);
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
    clock.remove(this);
    return rung;
  }
}
