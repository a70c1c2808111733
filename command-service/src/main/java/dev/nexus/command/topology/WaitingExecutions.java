package dev.nexus.command.topology;

import dev.nexus.command.execution.ExecutionState.Running;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.topic.Keys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Executions that wait for a version of their application to arrive.
final class WaitingExecutions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WaitingExecutions.class);

  private final DefinitionCatalog catalog;
  private final Map<String, Set<String>> byVersion = new HashMap<>();
  private final Map<String, String> versionOf = new HashMap<>();
  private final ConcurrentLinkedQueue<String> arrivedVersions = new ConcurrentLinkedQueue<>();
  private final Consumer<DefinitionCatalog.Version> listener;
  private Instant restsUntil = Instant.MIN;

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
      if (catalog.published(envelope.tenantId(), envelope.appId(), digest)) {
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

  static void tellUnread(String key, TimeoutException failure) {
    LOG.atWarn()
        .setCause(failure)
        .addKeyValue("execution", key)
        .log("the definition of an execution cannot be read for now; it is decided on later");
  }

  /// An execution whose version had arrived was decided on; where it waits still, as the log no
  /// longer has that version, or does not give it, nothing has arrived before `until`.
  void proceeded(Execution execution, Instant until) {
    if (execution.state() instanceof Running running && running.awaitsDefinition()) {
      rest(until);
    }
  }

  /// Nothing has arrived before this.
  void rest(Instant until) {
    restsUntil = until;
  }

  boolean hasArrived(Instant now) {
    return !arrivedVersions.isEmpty() && !byVersion.isEmpty() && !now.isBefore(restsUntil);
  }

  /// Takes the executions whose version has arrived.
  List<String> arrived(Instant now) {
    List<String> keys = new ArrayList<>();
    if (now.isBefore(restsUntil)) {
      return keys;
    }
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
