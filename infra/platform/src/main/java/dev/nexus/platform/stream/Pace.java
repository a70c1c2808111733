package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Lets a reader that need not be first take fewer and larger batches. What a record costs is the
/// request that fetches it, not the record: a reader that asks again at once makes the broker
/// answer every transaction by itself. The first record after a silence is never delayed.
public final class Pace {
  private final Duration rest;
  private final int enough;
  private final CountDownLatch ended;

  /// @param rest time between a small batch and the next
  /// @param enough records that make a batch no small one
  /// @param ended counted down when the reader ends, which ends a rest
  public Pace(Duration rest, int enough, CountDownLatch ended) {
    this.rest = rest;
    this.enough = enough;
    this.ended = ended;
  }

  /// Rests when the batch was a small one.
  ///
  /// @return whether the reader goes on
  public boolean after(int records) {
    if (records == 0 || records >= enough) {
      return ended.getCount() > 0;
    }
    try {
      return !ended.await(rest.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
