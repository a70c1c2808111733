package dev.nexus.testkit;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;

/// Waits for what other threads and processes bring about. Ten seconds unless told otherwise.
public final class Eventually {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration STEP = Duration.ofMillis(20);

  private Eventually() {}

  /// Repeats `assertion` until it holds.
  public static void holds(ThrowingRunnable assertion) {
    holds(PATIENCE, assertion);
  }

  /// Repeats `assertion` until it holds, at most for `patience`.
  public static void holds(Duration patience, ThrowingRunnable assertion) {
    Awaitility.await().atMost(patience).pollInterval(STEP).untilAsserted(assertion);
  }

  /// Repeats `assertion` until it has held all the time for `time`.
  public static void stays(Duration time, ThrowingRunnable assertion) {
    Awaitility.await()
        .during(time)
        .atMost(time.plus(PATIENCE))
        .pollInterval(STEP)
        .untilAsserted(assertion);
  }

  /// Asks `source` until its answer is accepted, and returns that.
  public static <T> T value(Callable<T> source, Predicate<? super T> accepted, String what) {
    return value(PATIENCE, source, accepted, what);
  }

  /// Asks `source` until its answer is accepted, at most for `patience`, and returns that.
  public static <T> T value(
      Duration patience, Callable<T> source, Predicate<? super T> accepted, String what) {
    return Awaitility.await(what).atMost(patience).pollInterval(STEP).until(source, accepted::test);
  }
}
