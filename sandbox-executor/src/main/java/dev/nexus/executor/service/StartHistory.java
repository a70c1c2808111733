package dev.nexus.executor.service;

import java.time.Duration;

/// What came of the starts of a service, as far as the next one depends on it.
///
/// @param digest definition that was started; another one begins anew
/// @param restarts starts after the first one, since the service was last well for some minutes
/// @param failedStarts starts of the present image, one after the other, that never came to be well
/// @param fallback whether the fallback image is the present one
/// @param pause time from the last end to the next start
record StartHistory(
    String digest, int restarts, int failedStarts, boolean fallback, Duration pause) {
  static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

  /// Who was well for so long did not end because of how it was started.
  static final Duration FORGIVEN_AFTER = Duration.ofMinutes(5);

  /// Failed starts before the fallback image is tried.
  static final int MOST_FAILED = 3;

  static StartHistory of(String digest) {
    return new StartHistory(digest, 0, 0, false, Duration.ZERO);
  }

  /// This one for the definition it is of, an empty one for another.
  StartHistory under(String other) {
    return digest.equals(other) ? this : of(other);
  }

  /// After an end that nobody asked for.
  ///
  /// @param well how long the service was well before; zero where it never was
  StartHistory afterFailure(Duration well, boolean hasFallback) {
    int again = well.compareTo(FORGIVEN_AFTER) >= 0 ? 1 : restarts + 1;
    int failed = well.isPositive() ? 0 : failedStarts + 1;
    boolean changes = !fallback && hasFallback && failed >= MOST_FAILED;
    return new StartHistory(
        digest, again, changes ? 0 : failed, fallback || changes, pauseOf(again));
  }

  /// After a start that could not be tried: it says nothing about the service.
  StartHistory postponed() {
    return new StartHistory(digest, restarts, failedStarts, fallback, SHORTEST_PAUSE);
  }

  /// 1 s, 2 s, 4 s … up to a minute.
  private static Duration pauseOf(int restarts) {
    int doublings = Math.min(restarts - 1, 10);
    Duration pause = SHORTEST_PAUSE.multipliedBy(1L << doublings);
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }
}
