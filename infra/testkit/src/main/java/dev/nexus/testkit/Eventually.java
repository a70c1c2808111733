package dev.nexus.testkit;

import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ThrowingRunnable;

/// Waits for what other threads and processes bring about. Two minutes unless told otherwise: the
/// limit is for what never comes, and says nothing about how fast a machine should be. What an
/// assertion denies, or what is looked for and not there, is not yet so; other failures are
/// failures.
public final class Eventually {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration STEP = Duration.ofMillis(20);

  private Eventually() {}

  /// Repeats `assertion` until it holds.
  public static void holds(ThrowingRunnable assertion) {
    holds(PATIENCE, assertion);
  }

  /// Repeats `assertion` until it holds, at most for `patience`.
  public static void holds(Duration patience, ThrowingRunnable assertion) {
    patiently(Awaitility.await()).atMost(patience).untilAsserted(assertion);
  }

  /// Repeats `assertion` until it has held all the time for `time`.
  public static void stays(Duration time, ThrowingRunnable assertion) {
    patiently(Awaitility.await()).during(time).atMost(time.plus(PATIENCE)).untilAsserted(assertion);
  }

  /// Asks `source` until its answer is accepted, and returns that.
  public static <T> T value(Callable<T> source, Predicate<? super T> accepted, String what) {
    return value(PATIENCE, source, accepted, what);
  }

  /// Asks `source` until its answer is accepted, at most for `patience`, and returns that.
  public static <T> T value(
      Duration patience, Callable<T> source, Predicate<? super T> accepted, String what) {
    return patiently(Awaitility.await(what)).atMost(patience).until(source, accepted::test);
  }

  private static ConditionFactory patiently(ConditionFactory waiting) {
    return waiting
        .pollInterval(STEP)
        .ignoreExceptionsMatching(
            e -> e instanceof AssertionError || e instanceof NoSuchElementException);
  }
}
