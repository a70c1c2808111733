package dev.nexus.executor.service;

import java.util.concurrent.atomic.AtomicInteger;

/// Divides what all services of an executor may print by those that run, so that one that prints
/// much takes nothing from the others. All shares together are no more than is written to the log.
final class LineShares {
  /// Lines of all services that are written in a second.
  static final int ALL_A_SECOND = 2_000;

  /// Of all services at once: fewer than may wait to be written.
  static final int ALL_AT_ONCE = 16_000;

  /// Of one, whoever else there is.
  static final int A_SECOND = 50;

  static final int AT_ONCE = 200;

  private final AtomicInteger services = new AtomicInteger();

  void join() {
    services.incrementAndGet();
  }

  void leave() {
    services.decrementAndGet();
  }

  double aSecond() {
    return Math.min(A_SECOND, (double) ALL_A_SECOND / Math.max(1, services.get()));
  }

  double atOnce() {
    return Math.min(AT_ONCE, (double) ALL_AT_ONCE / Math.max(1, services.get()));
  }
}
