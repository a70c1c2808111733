package dev.nexus.executor.container;

import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.executor.work.AssignedTask;
import java.time.Duration;

/// Is told what becomes of instances. Holds nobody up.
interface PoolListener extends AutoCloseable {
  /// Tells nobody.
  PoolListener SILENT =
      new PoolListener() {
        @Override
        public void started(PoolKey pool, String instance, Duration took) {}

        @Override
        public void allocated(PoolKey pool, String instance, AssignedTask task, Duration waited) {}

        @Override
        public void released(
            PoolKey pool, String instance, AssignedTask task, String result, Duration used) {}

        @Override
        public void ended(
            PoolKey pool, String instance, EndReason reason, String detail, long calls) {}
      };

  void started(PoolKey pool, String instance, Duration took);

  void allocated(PoolKey pool, String instance, AssignedTask task, Duration waited);

  /// @param result `succeeded`, `deoptimised` or the class of a failure
  void released(PoolKey pool, String instance, AssignedTask task, String result, Duration used);

  void ended(PoolKey pool, String instance, EndReason reason, String detail, long calls);

  @Override
  default void close() {}
}
