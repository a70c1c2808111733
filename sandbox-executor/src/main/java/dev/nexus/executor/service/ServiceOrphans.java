package dev.nexus.executor.service;

import dev.nexus.executor.container.Engine;
import dev.nexus.executor.container.Engine.Found;
import dev.nexus.executor.service.ServiceListener.Container;

/// Tells of services whose executor has died.
final class ServiceOrphans {
  private ServiceOrphans() {}

  /// Returns when the log has it, if there is anything to be told: a container of this executor was
  /// told of when it ended, and a relay is no service.
  ///
  /// @param own name of this executor
  static void tell(ServiceListener listener, String own, Found orphan) {
    String executor = orphan.labels().getOrDefault(Engine.LABEL_EXECUTOR, "");
    if (executor.equals(own) || orphan.labels().containsKey(Relay.LABEL)) {
      return;
    }
    String instance = orphan.labels().getOrDefault(Engine.LABEL_INSTANCE, "");
    ServiceKey.of(orphan.labels().getOrDefault(Engine.LABEL_SERVICE, ""))
        .ifPresent(
            key ->
                listener.orphaned(
                    new Container(key, instance, "", false, 0),
                    "the executor " + executor + " has died"));
  }
}
