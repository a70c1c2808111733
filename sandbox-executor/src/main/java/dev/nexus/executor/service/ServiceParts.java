package dev.nexus.executor.service;

import dev.nexus.executor.container.Containers.Site;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/// What all services of an executor share.
///
/// @param installation names the installation among those that use the same engine
/// @param lineShares what each may print
/// @param starts permits to begin containers: an engine does not begin many faster than some
record ServiceParts(
    Site site,
    ServiceListener listener,
    String installation,
    Clock clock,
    LineShares lineShares,
    Semaphore starts) {
  private static final int AT_ONCE = 8;

  ServiceParts(Site site, ServiceListener listener, String installation, Clock clock) {
    this(site, listener, installation, clock, new LineShares(), new Semaphore(AT_ONCE));
  }

  /// Time that only goes on, unlike that of a clock which people set.
  static Duration now() {
    return Duration.ofNanos(System.nanoTime());
  }
}
