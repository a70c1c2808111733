package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Lets a reader that need not be first take fewer and larger batches. What a record costs is the
/// request that fetches it, not the record: a reader that asks again at once makes the broker
/// answer every transaction by itself. The first record after a silence is never delayed. For one
/// thread.
public final class Pace {
  private final Duration rest;
  private final int enough;
  private final CountDownLatch ended;
  private boolean everySecond;
  private boolean givenFromBefore;

  /// @param rest time between a small batch and the next
  /// @param enough records that make a batch no small one
  /// @param ended counted down when the reader ends, which ends a rest
  public Pace(Duration rest, int enough, CountDownLatch ended) {
    this.rest = rest;
    this.enough = enough;
    this.ended = ended;
  }

  /// Has it rest after every second small batch only. A consumer asks for the next records when it
  /// gives some out, so what it gives after a rest is from before it, and a reader that rests after
  /// that too is a rest late. For readers that somebody waits for, at the price of a fetch more.
  public Pace everySecond() {
    everySecond = true;
    return this;
  }

  /// Rests when the batch was a small one.
  ///
  /// @return whether the reader goes on
  public boolean after(int records) {
    if (records == 0 || records >= enough || givenFromBefore) {
      givenFromBefore = false;
      return ended.getCount() > 0;
    }
    givenFromBefore = everySecond;
    try {
      return !ended.await(rest.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
