package dev.nexus.projector.stream;

import java.time.Duration;

/// Another projector has the partition in hand for some time.
final class StandingByException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// How often is looked whether a newer version has given something up.
  private static final Duration NEWER_CHECKED = Duration.ofSeconds(10);

  private final Duration time;

  StandingByException(String message, Duration time) {
    super(message);
    this.time = time;
  }

  /// For what a newer version keeps in a way that this one does not know.
  static StandingByException newer(String what) {
    return new StandingByException(
        "a newer projector keeps " + what + ": standing by", NEWER_CHECKED);
  }

  Duration time() {
    return time;
  }
}
