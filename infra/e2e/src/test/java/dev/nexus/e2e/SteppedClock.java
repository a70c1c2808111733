package dev.nexus.e2e;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicReference;

/// The time of this machine, set forward or back at a stroke.
final class SteppedClock extends Clock {
  private final Clock clock = Clock.systemUTC();
  private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

  /// @param by negative sets it back
  void step(Duration by) {
    ahead.accumulateAndGet(by, Duration::plus);
  }

  /// Takes back every step.
  void right() {
    ahead.set(Duration.ZERO);
  }

  @Override
  public Instant instant() {
    return clock.instant().plus(ahead.get());
  }

  @Override
  public ZoneId getZone() {
    return clock.getZone();
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("all of Nexus goes by UTC");
  }
}
