package dev.nexus.executor.container;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/// Calls that wait for an instance, the first of them first. Guarded by its pool.
final class Line {
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

  /// A call that waits. What it waits for is given once, as an instance or as a failure.
  static final class Waiter {
    private final long since = System.nanoTime();
    private final Condition given;
    private @Nullable Instance instance;
    private @Nullable EngineException failure;

    private Waiter(Condition given) {
      this.given = given;
    }

    @Nullable Instance instance() {
      return instance;
    }

    @Nullable EngineException failure() {
      return failure;
    }

    Duration waited() {
      return Duration.ofNanos(System.nanoTime() - since);
    }

    /// Waits a while, or until something is given: the pool looks again and again.
    @SuppressWarnings("WaitNotInLoop")
    void await(Duration time) throws InterruptedException {
      given.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    void give(Instance one) {
      instance = one;
      given.signal();
    }
  }

  Waiter join(Condition given) {
    var waiter = new Waiter(given);
    waiters.add(waiter);
    return waiter;
  }

  void leave(Waiter waiter) {
    waiters.remove(waiter);
  }

  /// Who is first, and waits no longer; null when nobody does.
  @Nullable Waiter next() {
    return waiters.pollFirst();
  }

  void failAll(EngineException why) {
    for (Waiter waiter : waiters) {
      waiter.failure = why;
      waiter.given.signal();
    }
    waiters.clear();
  }

  int size() {
    return waiters.size();
  }

  /// How long the first has waited.
  Duration oldest() {
    Waiter first = waiters.peekFirst();
    return first == null ? Duration.ZERO : first.waited();
  }
}
