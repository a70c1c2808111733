package dev.nexus.command.topology;

import dev.nexus.command.execution.ExecutionState.Running;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.topic.Keys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/// Executions that wait for a version of their application to arrive.
final class WaitingExecutions implements AutoCloseable {
  private final DefinitionCatalog catalog;
  private final Map<String, Set<String>> byVersion = new HashMap<>();
  private final Map<String, String> versionOf = new HashMap<>();
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
      if (catalog.version(envelope.tenantId(), envelope.appId(), digest).isPresent()) {
        arrivedVersions.add(version);
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
    }
  }

  boolean hasArrived() {
    return !arrivedVersions.isEmpty() && !byVersion.isEmpty();
  }

  /// Takes the executions whose version has arrived.
  List<String> arrived() {
    List<String> keys = new ArrayList<>();
    for (String version = arrivedVersions.poll();
        version != null;
        version = arrivedVersions.poll()) {
      Set<String> waiting = byVersion.remove(version);
      if (waiting != null) {
        waiting.forEach(versionOf::remove);
        keys.addAll(waiting);
      }
    }
    return keys;
  }

  @Override
  public void close() {
    catalog.removeArrivalListener(listener);
  }
}
