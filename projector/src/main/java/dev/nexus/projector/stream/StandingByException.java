package dev.nexus.projector.stream;

import java.time.Duration;

/// Another projector has the partition in hand for some time.
final class StandingByException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Duration time;

  StandingByException(String message, Duration time) {
    super(message);
    this.time = time;
  }

  Duration time() {
    return time;
  }
}
