package dev.nexus.command.topology;

import dev.nexus.command.execution.ExecutionState.Running;
import dev.nexus.event.TenantId;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.topic.Keys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Executions that wait for a version of their application: until it arrives, or, where it arrived
/// long ago and the log does not give it now, until that does.
final class WaitingExecutions implements AutoCloseable {
  private static final Duration ASKED_EVERY = Duration.ofSeconds(1);

  private final DefinitionCatalog catalog;
  private final Map<String, Set<String>> byVersion = new HashMap<>();
  private final Map<String, String> versionOf = new HashMap<>();

  /// Questions for versions that are published and were not there when they were asked for.
  private final Map<String, BooleanSupplier> unread = new HashMap<>();

  private long askedAgain = System.nanoTime() - ASKED_EVERY.toNanos();
  private final ConcurrentLinkedQueue<String> arrivedVersions = new ConcurrentLinkedQueue<>();
  private final Consumer<DefinitionCatalog.Version> listener;

  WaitingExecutions(DefinitionCatalog catalog) {
    this.catalog = catalog;
    this.listener =
        version ->
            arrivedVersions.add(
                Keys.version(version.tenant(), version.application().appId(), version.digest()));
    catalog.onArrival(listener);
  }

  /// Remembers the execution while it waits.
  void note(Execution execution) {
    if (execution.state() instanceof Running running && running.awaitsDefinition()) {
      var envelope = running.origin().envelope();
      String digest = running.origin().accepted().definitionDigest();
      String version = Keys.version(envelope.tenantId(), envelope.appId(), digest);
      versionOf.put(execution.key(), version);
      byVersion.computeIfAbsent(version, v -> new HashSet<>()).add(execution.key());
      TenantId tenant = envelope.tenantId();
      String appId = envelope.appId();
      if (catalog.isPublished(tenant, appId, digest)) {
        unread.put(version, () -> catalog.version(tenant, appId, digest).isPresent());
      }
    } else {
      forget(execution.key());
    }
  }

  private void forget(String key) {
    String version = versionOf.remove(key);
    Set<String> waiting = version == null ? null : byVersion.get(version);
    if (waiting != null && waiting.remove(key) && waiting.isEmpty()) {
      byVersion.remove(version);
      unread.remove(version);
    }
  }

  /// How long until there may be some whose version is here; empty while nothing says so.
  Optional<Duration> untilArrival() {
    if (!arrivedVersions.isEmpty() && !byVersion.isEmpty()) {
      return Optional.of(Duration.ZERO);
    }
    if (unread.isEmpty()) {
      return Optional.empty();
    }
    long left = ASKED_EVERY.toNanos() - (System.nanoTime() - askedAgain);
    return Optional.of(Duration.ofNanos(Math.max(0, left)));
  }

  /// Takes the executions whose version has arrived, or may be read now.
  List<String> arrived() {
    List<String> keys = new ArrayList<>();
    for (String version = arrivedVersions.poll();
        version != null;
        version = arrivedVersions.poll()) {
      take(version, keys);
    }
    if (untilArrival().filter(Duration::isZero).isPresent()) {
      Map.copyOf(unread)
          .forEach(
              (version, isThere) -> {
                if (isThere.getAsBoolean()) {
                  take(version, keys);
                }
              });
      askedAgain = System.nanoTime(); // asking may have taken long
    }
    return keys;
  }

  private void take(String version, List<String> keys) {
    unread.remove(version);
    Set<String> waiting = byVersion.remove(version);
    if (waiting != null) {
      waiting.forEach(versionOf::remove);
      keys.addAll(waiting);
    }
  }

  @Override
  public void close() {
    catalog.removeArrivalListener(listener);
  }
}
