package dev.nexus.projector.execution;

import dev.nexus.event.TenantId;
import dev.nexus.projector.store.Key;

/// What the parts of an execution and the lists of executions are called. The apply script knows
/// these names too: it takes evicted executions out of the lists.
public final class ExecutionNames {
  /// View with counters of the partition: `finished`, `repeated`, `late`.
  public static final Key PARTITION = Key.ofPartition("executions");

  /// List of finished executions (`tenant/id`) in the order they finished.
  public static final Key FINISHED = Key.ofPartition("finished");

  private ExecutionNames() {}

  public static Key summary(TenantId tenant, String executionId) {
    return Key.of(tenant, "x/" + executionId);
  }

  public static Key facts(TenantId tenant, String executionId) {
    return Key.of(tenant, "f/" + executionId);
  }

  public static Key all(TenantId tenant) {
    return Key.of(tenant, "i");
  }

  public static Key ofComponent(TenantId tenant, String appId, String component) {
    return Key.of(tenant, "i/c/" + appId + "/" + component);
  }

  /// Executions of any status but SUCCEEDED, which are not listed apart.
  public static Key ofStatus(TenantId tenant, ExecutionStatus status) {
    return Key.of(tenant, "i/s/" + status);
  }
}
