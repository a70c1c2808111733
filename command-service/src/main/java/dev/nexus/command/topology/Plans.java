package dev.nexus.command.topology;

import dev.nexus.command.execution.ExecutionState.Origin;
import dev.nexus.command.execution.Plan;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.topic.Keys;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Looks up what a decision needs to know: definitions and routes as they are now. All of it throws
/// `TimeoutException` where a definition has to be read again and the log does not answer: nothing
/// may be decided by what nobody knows.
final class Plans {
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
    Prepared known = prepared.get(key(tenant, appId, digest, component));
    if (known == null) {
      Optional<DefinitionCatalog.Version> version = catalog.version(tenant, appId, digest);
      if (version.isEmpty()) {
        return new Plan.Unknown();
      }
      known = prepared(version.get(), component).orElse(null);
    }
    return known == null
        ? new Plan.Missing("application " + appId + " has no component " + component)
        : plan(known, routes.of(Keys.component(tenant, appId, component)), execution);
  }

  private Plan plan(Prepared known, Optional<Plan.Route> route, ExecutionId execution) {
    return new Plan.Known(
        known.component(),
        known.identityDigest(),
        Plan.choose(known.component(), known.identityDigest(), route, execution),
        new Plan.Policy(known.component().retry(), queueLimit));
  }

  /// Limits of a component's tasks; defaults where its definition is gone.
  Plan.Policy policy(TenantId tenant, String appId, String digest, String component) {
    RetryPolicy retry =
        prepared(tenant, appId, digest, component)
            .map(p -> p.component().retry())
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
    return prepared(tenant, appId, digest, component)
        .map(p -> p.component().timeout())
        .orElse(Duration.ofSeconds(30));
  }

  private Optional<Prepared> prepared(
      TenantId tenant, String appId, String digest, String component) {
    Prepared known = prepared.get(key(tenant, appId, digest, component));
    return known != null
        ? Optional.of(known)
        : catalog.version(tenant, appId, digest).flatMap(version -> prepared(version, component));
  }

  private Optional<Prepared> prepared(DefinitionCatalog.Version version, String component) {
    Optional<Prepared> made =
        version.application().component(component).map(c -> new Prepared(c, c.identityDigest()));
    String appId = version.application().appId();
    made.ifPresent(p -> prepared.put(key(version.tenant(), appId, version.digest(), component), p));
    return made;
  }

  private static String key(TenantId tenant, String appId, String digest, String component) {
    return Keys.version(tenant, appId, digest) + "/" + component;
  }
}
