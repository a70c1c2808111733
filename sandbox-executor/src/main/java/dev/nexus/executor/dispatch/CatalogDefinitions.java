package dev.nexus.executor.dispatch;

import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.platform.catalog.DefinitionCatalog;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Definitions of the followed catalog. A digest that was waited for in vain is not waited for
/// again for a while, so that tasks of a lost version do not hold up the others of their lane.
public final class CatalogDefinitions implements Definitions {
  private static final Duration REMEMBERED = Duration.ofSeconds(30);

  private final DefinitionCatalog catalog;
  private final Duration patience;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrival = lock.newCondition();
  private final Map<String, Long> missedAt = new ConcurrentHashMap<>();

  public CatalogDefinitions(DefinitionCatalog catalog, Duration patience) {
    this.catalog = catalog;
    this.patience = patience;
    catalog.onArrival(version -> signal());
  }

  @Override
  public Optional<ApplicationDefinition> known(AssignedTask task) {
    return catalog
        .version(
            task.envelope().tenantId(), task.envelope().appId(), task.body().definitionDigest())
        .map(DefinitionCatalog.Version::application);
  }

  @Override
  public Optional<ApplicationDefinition> awaited(AssignedTask task) throws InterruptedException {
    Optional<ApplicationDefinition> found = known(task);
    if (found.isPresent() || missedLately(task.body().definitionDigest())) {
      return found;
    }
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while ((found = known(task)).isEmpty() && left > 0) {
        left = arrival.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
    if (found.isEmpty()) {
      missedAt.put(task.body().definitionDigest(), System.nanoTime());
    }
    return found;
  }

  private boolean missedLately(String digest) {
    missedAt.values().removeIf(at -> System.nanoTime() - at > REMEMBERED.toNanos());
    return missedAt.containsKey(digest);
  }

  private void signal() {
    lock.lock();
    try {
      arrival.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
