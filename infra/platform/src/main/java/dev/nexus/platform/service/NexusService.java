package dev.nexus.platform.service;

import java.time.Duration;

/// A part of Nexus with threads of its own. The process starts all of them after the topics
/// exist, waits until each is ready, and closes them in reverse order.
public interface NexusService extends AutoCloseable {

  /// Name for logs and health, such as `router`.
  String name();

  /// Begins to work; returns without waiting.
  void start();

  /// Waits until it does its work; throws `IllegalStateException` when `patience` runs out.
  void awaitReady(Duration patience);

  /// Whether it does its work now.
  boolean healthy();

  /// Ends its work, finishing what is begun where that is quick.
  @Override
  void close();
}
