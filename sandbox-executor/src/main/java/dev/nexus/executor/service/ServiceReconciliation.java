package dev.nexus.executor.service;

import dev.nexus.executor.container.Containers.Site;
import dev.nexus.executor.container.Engine;
import dev.nexus.executor.container.EngineException;
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

  void removeOrphans(Site site, List<Engine.Found> found, Set<String> known) {
    List<String> living = site.sockets().living();
    for (Engine.Found orphan : orphans(found, living, site.sockets().executor(), known)) {
      if (removing.add(orphan.container())) {
        Thread.ofVirtual().name("service-orphan").start(() -> remove(site, orphan));
      }
    }
  }

  private void remove(Site site, Engine.Found orphan) {
    try {
      site.engine().remove(orphan.container());
      LOG.atInfo()
          .addKeyValue("container", orphan.container())
          .addKeyValue("service", orphan.labels().get(Engine.LABEL_SERVICE))
          .log("removed a container of a service that nobody has any more");
    } catch (EngineException e) {
      LOG.atWarn().setCause(e).addKeyValue("container", orphan.container()).log("not removed");
    } finally {
      removing.remove(orphan.container());
    }
  }
}
