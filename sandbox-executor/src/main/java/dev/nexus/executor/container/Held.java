package dev.nexus.executor.container;

import dev.nexus.executor.container.PoolView.Member;
import dev.nexus.executor.container.PoolView.State;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// An instance of a pool, or the place of one that is being begun. Guarded by its pool.
final class Held {
  State state = State.STARTING;
  @Nullable Instance instance;

  /// @param now `System.nanoTime()`
  Member seen(String id, long now) {
    Instance there = instance;
    if (there == null) {
      return new Member(id, state, 0, Duration.ZERO);
    }
    Duration idle = state == State.IDLE ? Duration.ofNanos(now - there.idleSince()) : Duration.ZERO;
    return new Member(id, state, there.calls(), idle);
  }
}
