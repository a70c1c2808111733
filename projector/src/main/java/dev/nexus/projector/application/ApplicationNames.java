package dev.nexus.projector.application;

import dev.nexus.event.TenantId;
import dev.nexus.projector.store.Key;

/// What published applications are called.
public final class ApplicationNames {
  private ApplicationNames() {}

  /// Hash of application to the digest that is current.
  public static Key current(TenantId tenant) {
    return Key.of(tenant, "apps");
  }

  /// Hash of digest to version, JSON.
  public static Key versions(TenantId tenant, String appId) {
    return Key.of(tenant, "v/" + appId);
  }
}
