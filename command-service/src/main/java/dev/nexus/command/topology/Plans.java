package dev.nexus.command.topology;

import dev.nexus.command.execution.ExecutionState.Origin;
import dev.nexus.command.execution.Plan;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.catalog.DefinitionCatalog.Bounds;
import dev.nexus.topic.Keys;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Looks up what a decision needs to know: definitions and routes as they are now.
final class Plans {
  private static final int MOST_PREPARED = 2_000;

  private record Prepared(ComponentDefinition component, String identityDigest) {}

  private final DefinitionCatalog catalog;
  private final Routes routes;
  private final Duration queueLimit;
  private final Map<String, Prepared> prepared = new ConcurrentHashMap<>();

  Plans(DefinitionCatalog catalog, Routes routes, Duration queueLimit) {
    this.catalog = catalog;
    this.routes = routes;
    this.queueLimit = queueLimit;
  }

  Plan plan(TenantId tenant, String appId, String digest, String component, ExecutionId execution) {
    Optional<DefinitionCatalog.Version> version = catalog.version(tenant, appId, digest);
    if (version.isEmpty()) {
      return new Plan.Unknown();
    }
    Optional<Prepared> known = prepared(version.get(), component);
    if (known.isEmpty()) {
      return new Plan.Missing("application " + appId + " has no component " + component);
    }
    ComponentDefinition definition = known.get().component();
    String identity = known.get().identityDigest();
    Optional<Plan.Route> route = routes.of(Keys.component(tenant, appId, component));
    return new Plan.Known(
        definition,
        identity,
        Plan.choose(definition, identity, route, execution),
        new Plan.Policy(definition.retry(), queueLimit));
  }

  /// Limits of a component's tasks; defaults where it was never published.
  Plan.Policy policy(TenantId tenant, String appId, String digest, String component) {
    RetryPolicy retry =
        catalog
            .bounds(tenant, appId, digest, component)
            .map(Bounds::retry)
            .orElse(RetryPolicy.DEFAULT);
    return new Plan.Policy(retry, queueLimit);
  }

  Plan plan(Origin origin) {
    return plan(
        origin.envelope().tenantId(),
        origin.envelope().appId(),
        origin.accepted().definitionDigest(),
        origin.accepted().component(),
        origin.envelope().execution());
  }

  Plan.Policy policy(Origin origin) {
    return policy(
        origin.envelope().tenantId(),
        origin.envelope().appId(),
        origin.accepted().definitionDigest(),
        origin.accepted().component());
  }

  Plan.Policy defaultPolicy() {
    return new Plan.Policy(RetryPolicy.DEFAULT, queueLimit);
  }

  /// Longest time of one task of a component.
  Duration timeout(TenantId tenant, String appId, String digest, String component) {
    return catalog
        .bounds(tenant, appId, digest, component)
        .map(Bounds::timeout)
        .orElse(Duration.ofSeconds(30));
  }

  private Optional<Prepared> prepared(DefinitionCatalog.Version version, String component) {
    String appId = version.application().appId();
    String key = Keys.version(version.tenant(), appId, version.digest()) + "/" + component;
    Prepared known = prepared.get(key);
    if (known != null) {
      return Optional.of(known);
    }
    if (prepared.size() >= MOST_PREPARED) {
      prepared.clear(); // what is in use is soon there again
    }
    Optional<Prepared> made =
        version.application().component(component).map(c -> new Prepared(c, c.identityDigest()));
    made.ifPresent(p -> prepared.put(key, p));
    return made;
  }
}
