package dev.nexus.platform.blob;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/// A clock that a test sets, and the time that passes beside it.
final class SetClock extends Clock {
  private Instant now;
  private long nanos;

  SetClock(Instant now) {
    this.now = now;
  }

  void pass(Duration time) {
    now = now.plus(time);
    nanos += time.toNanos();
  }

  /// No time passes.
  void isSet(Duration ahead) {
    now = now.plus(ahead);
  }

  /// The time of `System.nanoTime`.
  long nanos() {
    return nanos;
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
