package dev.nexus.projector.live;

import dev.nexus.event.TenantId;
import java.util.Set;
import java.util.function.Predicate;

/// What a listener wants to hear. An empty text or set means any.
///
/// @param mayRead whether the listener may hear of an application
public record LiveFilter(
    TenantId tenant, String app, String component, Set<String> types, Predicate<String> mayRead) {

  boolean accepts(LiveFact fact) {
    return (component.isEmpty() || component.equals(fact.component())) && acceptsBut(fact);
  }

  /// Whether it depends on the component, which is in doubt.
  boolean cannotTell(LiveFact fact) {
    return !component.isEmpty() && !fact.doubt().isEmpty() && acceptsBut(fact);
  }

  private boolean acceptsBut(LiveFact fact) {
    var envelope = fact.event().envelope();
    return envelope.tenantId().equals(tenant)
        && (app.isEmpty() || app.equals(envelope.appId()))
        && (types.isEmpty() || types.contains(fact.type()))
        && mayRead.test(envelope.appId());
  }
}
