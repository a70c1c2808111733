package dev.nexus.projector.metric;

import dev.nexus.event.TenantId;
import dev.nexus.projector.store.Key;

/// What the counters of components are called.
public final class ComponentNames {
  private ComponentNames() {}

  /// The components (`app/component`) that have counters.
  public static Key known(TenantId tenant) {
    return Key.of(tenant, "components");
  }

  public static Key counters(TenantId tenant, String appId, String component) {
    return Key.of(tenant, "c/" + appId + "/" + component);
  }
}
