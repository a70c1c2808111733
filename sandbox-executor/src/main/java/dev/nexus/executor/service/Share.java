package dev.nexus.executor.service;

import java.util.function.IntPredicate;

/// Says which services are this executor's.
interface Share extends AutoCloseable {
  /// Takes part from now on, or no longer. Returns at once.
  void join(boolean member);

  boolean owns(ServiceKey service);

  /// Whether a service is of one of some parts.
  boolean isOf(ServiceKey service, IntPredicate some);

  @Override
  void close();
}
