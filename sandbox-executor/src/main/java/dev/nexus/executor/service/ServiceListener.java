package dev.nexus.executor.service;

import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import java.time.Duration;

/// Is told what becomes of services. Holds nobody up but who tells of orphans.
interface ServiceListener extends AutoCloseable {
  /// A container of a service.
  ///
  /// @param fallback whether the image is the fallback
  /// @param restarts starts before this one
  record Container(ServiceKey key, String instance, String image, boolean fallback, int restarts) {}

  void started(Container container);

  void healthy(Container container, Duration took);

  /// @param pause until the next start; zero where it is at once or never
  void ended(Container container, EndReason reason, String detail, int exitCode, Duration pause);

  /// A service has no container, as the most that may run do; it is begun once there is room.
  ///
  /// @param container without an instance
  void refused(Container container, String why);

  /// A container whose executor has died is about to be removed. Returns when the log has it, and
  /// throws when it has not.
  void orphaned(Container container, String detail);

  /// Takes a line that a service printed.
  void printed(Container container, boolean isError, String line);

  /// So many lines were not given, as they were too many at once.
  void dropped(Container container, long lines);

  @Override
  default void close() {}
}
