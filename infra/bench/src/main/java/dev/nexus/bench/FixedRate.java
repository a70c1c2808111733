package dev.nexus.bench;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// So many of something a second, each due at its own moment, whatever became of those before.
///
/// @param beganNanos when the first is due
record FixedRate(long beganNanos, int perSecond) {
  /// How often is looked whether the next one is due.
  private static final long LOOKED_EVERY_NANOS = 200_000;

  static FixedRate from(int perSecond) {
    return new FixedRate(System.nanoTime(), perSecond);
  }

  /// How many are due within that time.
  long within(Duration length) {
    return length.toMillis() * perSecond / 1_000;
  }

  /// Returns when that one is due or when it was, which is late for one that comes after a stall.
  ///
  /// @return the moment it was due, of the clock of [System#nanoTime()]
  long awaitDue(long number) {
    long due = beganNanos + number * (1_000_000_000L / perSecond);
    while (System.nanoTime() < due) {
      LockSupport.parkNanos(LOOKED_EVERY_NANOS);
    }
    return due;
  }
}
