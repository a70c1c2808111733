package dev.nexus.executor.container;

import dev.nexus.event.task.FailureClass;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Why the last start of an instance failed, and how long none is tried for it: longer each time,
/// until one succeeds. Guarded by its pool.
final class StartPause {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  /// Containers that are lost as they start, one after the other, before that is a reason to wait.
  private static final int MOST_LOST = 3;

  private @Nullable EngineException failure;
  private Duration pause = FIRST;
  private long since;
  private int lost;

  /// Whether who waits is to hear of it. One that was killed as it started says nothing about the
  /// next.
  boolean failed(EngineException why) {
    if (why.failure() == FailureClass.LOST && ++lost < MOST_LOST) {
      return false;
    }
    if (now() == null) {
      // Several that fail together are one failure.
      Duration twice = pause.multipliedBy(2);
      pause = failure == null ? FIRST : twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
      since = System.nanoTime();
    }
    failure = why;
    return true;
  }

  void succeeded() {
    failure = null;
    lost = 0;
  }

  /// What failed, while nothing is tried for it; null when a start may be tried.
  @Nullable EngineException now() {
    return System.nanoTime() - since < pause.toNanos() ? failure : null;
  }
}
