package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.TenantId;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.Tier;
import dev.nexus.projector.metric.ComponentNames;
import dev.nexus.projector.metric.ComponentStats;
import dev.nexus.projector.store.Key;
import dev.nexus.topic.Topic;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What was measured about components.
public final class ComponentQueries {
  private static final List<String> TASK_NUMBERS =
      List.of(
          "tasks",
          "failedTasks",
          "deoptimisedTasks",
          "promptTokens",
          "completionTokens",
          "costMicros",
          "modelCalls",
          "workedMs");

  private final ProjectionReads reads;

  public ComponentQueries(ProjectionReads reads) {
    this.reads = reads;
  }

  /// Components (`app/component`) that were ever called.
  Set<String> known(TenantId tenant) {
    return reads.members(Topic.EXECUTIONS, ComponentNames.known(tenant));
  }

  ComponentStats stats(TenantId tenant, String appId, String component) {
    return new ComponentStats(
        reads.sums(Topic.EXECUTIONS, ComponentNames.counters(tenant, appId, component)));
  }

  /// Statistics of several components (`app/component`), asked for together, by their names.
  Map<String, ComponentStats> stats(TenantId tenant, Collection<String> components) {
    Map<String, Key> keys = new LinkedHashMap<>();
    for (String name : components) {
      String[] parts = name.split("/", 2);
      keys.put(name, ComponentNames.counters(tenant, parts[0], parts[1]));
    }
    Map<Key, Map<String, Long>> sums = reads.sums(Topic.EXECUTIONS, List.copyOf(keys.values()));
    Map<String, ComponentStats> stats = new LinkedHashMap<>();
    keys.forEach(
        (name, key) -> stats.put(name, new ComponentStats(sums.getOrDefault(key, Map.of()))));
    return stats;
  }

  static ObjectNode json(ComponentStats stats) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("accepted", stats.count("accepted"));
    json.put("servedByCode", stats.servedByCode());
    ObjectNode tiers = json.putObject("tiers");
    for (Tier tier : Tier.values()) {
      if (stats.ended(tier.name()) > 0) {
        tiers.set(tier.name(), tier(stats, tier.name()));
      }
    }
    ObjectNode roles = json.putObject("roles");
    for (Role role : Role.values()) {
      Map<String, Long> numbers = stats.startingWith(role.name() + ".");
      if (!numbers.isEmpty()) {
        ObjectNode one = roles.putObject(role.name());
        TASK_NUMBERS.forEach(name -> one.put(name, numbers.getOrDefault(name, 0L)));
      }
    }
    json.put("deopts", stats.count("deopts"));
    json.put("retries", stats.count("retries"));
    json.put("quarantined", stats.count("quarantined"));
    ObjectNode failures = json.putObject("failures");
    stats.startingWith("failure.").forEach(failures::put);
    putSpending(json, stats);
    return json;
  }

  static void putSpending(ObjectNode json, ComponentStats stats) {
    ObjectNode tokens = json.putObject("tokens");
    tokens.put("spent", stats.tokensSpent());
    tokens.put("saved", stats.tokensSaved());
    ObjectNode cost = json.putObject("costMicros");
    cost.put("spent", stats.costMicrosSpent());
    cost.put("saved", stats.costMicrosSaved());
  }

  private static ObjectNode tier(ComponentStats stats, String tier) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("count", stats.ended(tier));
    json.put("succeeded", stats.succeeded(tier));
    json.put("failed", stats.count(tier + ".failed"));
    json.put("cancelled", stats.count(tier + ".cancelled"));
    json.put("timedOut", stats.count(tier + ".timedOut"));
    putLatency(json, stats, tier);
    json.put("meanMs", stats.latencyMean(tier));
    json.put("p90Ms", stats.latencyQuantile(tier, 0.90));
    json.put("p95Ms", stats.latencyQuantile(tier, 0.95));
    json.put("compared", stats.compared(tier));
    json.put("agreed", stats.count(tier + ".agreed"));
    return json;
  }

  /// Percentiles, and accuracy where there is anything to compare.
  static void putLatency(ObjectNode json, ComponentStats stats, String tier) {
    json.put("p50Ms", stats.latencyQuantile(tier, 0.50));
    json.put("p99Ms", stats.latencyQuantile(tier, 0.99));
    if (stats.compared(tier) > 0) {
      json.put("accuracy", stats.accuracy(tier));
    }
  }
}
