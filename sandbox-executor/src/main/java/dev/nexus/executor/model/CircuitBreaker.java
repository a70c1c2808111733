package dev.nexus.executor.model;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Lets calls through until too many in a row failed; then lets one probe through after a pause,
/// which doubles while probes fail. Safe for use by many threads.
final class CircuitBreaker {
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final Clock clock;
  private final int threshold;
  private final Duration firstPause;
  private int failuresInARow;
  private Duration pause;
  private Instant openUntil = Instant.MIN;
  private boolean open;
  private boolean probing;

  CircuitBreaker(Clock clock, int threshold, Duration firstPause) {
    this.clock = clock;
    this.threshold = threshold;
    this.firstPause = firstPause;
    this.pause = firstPause;
  }

  /// Empty lets the call through, which must then end with one of the three methods below; a time
  /// says how long to stay away.
  synchronized Optional<Duration> refusal() {
    if (!open) {
      return Optional.empty();
    }
    Duration left = Duration.between(clock.instant(), openUntil);
    if (left.compareTo(pause) > 0) {
      // The clock was set back; else the model would be kept away from for as long again.
      openUntil = clock.instant().plus(pause);
      left = pause;
    }
    if (left.isPositive()) {
      return Optional.of(left);
    }
    if (probing) {
      return Optional.of(firstPause);
    }
    probing = true;
    return Optional.empty();
  }

  synchronized void succeeded() {
    failuresInARow = 0;
    open = false;
    probing = false;
    pause = firstPause;
  }

  synchronized void failed() {
    failuresInARow++;
    if (probing) {
      probing = false;
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
              ? pause.multipliedBy(2)
              : LONGEST_PAUSE;
      openUntil = clock.instant().plus(pause);
    } else if (!open && failuresInARow >= threshold) {
      open = true;
      openUntil = clock.instant().plus(pause);
    }
  }

  /// The call ended without saying anything about the model.
  synchronized void abandoned() {
    probing = false;
  }

  synchronized boolean isOpen() {
    return open;
  }
}
