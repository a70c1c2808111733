package dev.nexus.oracle.topology;

import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The components of current versions that may be promoted, with their identities. Used by one
/// thread; identities are computed once a version.
final class Definitions {
  /// Why code may not serve a component that is not promotable.
  static final String NOT_PROMOTABLE =
      "promotion was switched off, or the component is gone or no prompt any more";

  private final CurrentVersions versions;
  private final Map<String, Application> applications = new HashMap<>();

  /// A component as it is defined now.
  record Known(ComponentDefinition component, String identity) {
    private static final String ANYTHING = "prompt, model, schema, comparator or truth changed";

    /// Why the identity is another than `previous`, in words; `before` is the definition that this
    /// one replaced. The words say less when that one was never seen here, as after a restart.
    String changesSince(String previous, Optional<Known> before) {
      return before
          .filter(known -> known.identity().equals(previous))
          .map(known -> component.changesSince(known.component()))
          .filter(changes -> !changes.isEmpty())
          .map(changes -> String.join(" and ", changes) + " changed")
          .orElse(ANYTHING);
    }
  }

  private record Application(String digest, Map<String, Known> promotable) {}

  Definitions(CurrentVersions versions) {
    this.versions = versions;
  }

  /// The component, when it is a prompt that may become code.
  Optional<Known> promotable(ComponentKey key) {
    return application(key.tenant(), key.appId())
        .map(application -> application.promotable().get(key.componentId()));
  }

  /// Whether facts of the application are of any use to the oracle.
  boolean concernsOracle(TenantId tenant, String appId) {
    return appId.equals(SystemApplication.APP)
        || application(tenant, appId).map(a -> !a.promotable().isEmpty()).orElse(false);
  }

  private Optional<Application> application(TenantId tenant, String appId) {
    Optional<Version> current = versions.of(tenant, appId);
    if (current.isEmpty() || appId.equals(SystemApplication.APP)) {
      return Optional.empty();
    }
    String name = tenant + "/" + appId;
    Application known = applications.get(name);
    if (known == null || !known.digest().equals(current.get().digest())) {
      known = read(current.get());
      applications.put(name, known);
    }
    return Optional.of(known);
  }

  private static Application read(Version version) {
    Map<String, Known> promotable = new HashMap<>();
    for (ComponentDefinition component : version.application().components()) {
      if (component.handlerType() == HandlerType.LLM && component.promotion().automatic()) {
        promotable.put(component.componentId(), new Known(component, component.identityDigest()));
      }
    }
    return new Application(version.digest(), Map.copyOf(promotable));
  }
}
