package dev.nexus.executor.service;

import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.executor.container.Engine;
import dev.nexus.executor.container.EngineException;
import dev.nexus.executor.container.SocketDirectory;
import dev.nexus.executor.service.ServiceListener.Container;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes containers of services that nobody has any more: of executors that have died, and those
/// that this one failed to remove.
final class ServiceReconciliation {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceReconciliation.class);

  /// Exit code of what is killed as it is removed.
  private static final int KILLED = 137;

  private final Set<String> removing = ConcurrentHashMap.newKeySet();

  /// Pure: which of them are of nobody.
  ///
  /// @param living names of the executors that live
  /// @param own name of this one
  /// @param known its instances, asked for after the containers were
  static List<Engine.Found> orphans(
      List<Engine.Found> found, Collection<String> living, String own, Set<String> known) {
    return found.stream()
        .filter(one -> one.labels().containsKey(Engine.LABEL_SERVICE))
        .filter(
            one -> {
              String executor = one.labels().getOrDefault(Engine.LABEL_EXECUTOR, "");
              String instance = one.labels().getOrDefault(Engine.LABEL_INSTANCE, "");
              return executor.equals(own) ? !known.contains(instance) : !living.contains(executor);
            })
        .toList();
  }

  void removeOrphans(ServiceParts parts, List<Engine.Found> found, Set<String> known) {
    SocketDirectory sockets = parts.site().sockets();
    for (Engine.Found orphan : orphans(found, sockets.living(), sockets.executor(), known)) {
      if (removing.add(orphan.container())) {
        Thread.ofVirtual().name("service-orphan").start(() -> remove(parts, orphan));
      }
    }
  }

  private void remove(ServiceParts parts, Engine.Found orphan) {
    try {
      parts.site().engine().remove(orphan.container());
      LOG.atInfo()
          .addKeyValue("container", orphan.container())
          .addKeyValue("service", orphan.labels().get(Engine.LABEL_SERVICE))
          .log("removed a container of a service that nobody has any more");
      tell(parts, orphan);
    } catch (EngineException e) {
      LOG.atWarn().setCause(e).addKeyValue("container", orphan.container()).log("not removed");
    } finally {
      removing.remove(orphan.container());
    }
  }

  /// Ends of its own were told when they came.
  private static void tell(ServiceParts parts, Engine.Found orphan) {
    String executor = orphan.labels().getOrDefault(Engine.LABEL_EXECUTOR, "");
    if (executor.equals(parts.site().sockets().executor())
        || orphan.labels().containsKey(Relay.LABEL)) {
      return;
    }
    String instance = orphan.labels().getOrDefault(Engine.LABEL_INSTANCE, "");
    ServiceKey.of(orphan.labels().getOrDefault(Engine.LABEL_SERVICE, ""))
        .map(key -> new Container(key, instance, "", false, 0))
        .ifPresent(
            container ->
                parts
                    .listener()
                    .ended(
                        container,
                        EndReason.ORPHANED,
                        "the executor " + executor + " has died",
                        KILLED,
                        Duration.ZERO));
  }
}
