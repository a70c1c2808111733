package dev.nexus.executor.code;

import dev.nexus.event.TenantId;
import dev.nexus.event.definition.PoolDefinition;

/// Where code runs. Whoever asks for a call names it, and nothing else depends on it.
public sealed interface Home {
  /// In this process, as WebAssembly.
  Home IN_PROCESS = new InProcess();

  record InProcess() implements Home {}

  /// In a container of a pool, which only this application uses.
  record Pool(TenantId tenant, String application, PoolDefinition definition) implements Home {
    /// Its name on the log and in messages.
    public String text() {
      return application + "/" + definition.poolName();
    }
  }
}
