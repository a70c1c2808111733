package dev.nexus.projector.store;

import dev.nexus.event.TenantId;

/// What something kept in Redis is called inside its partition and generation; see the package.
public record Key(String tenant, String name) {
  /// Stands where a tenant would: no tenant can be called so.
  private static final String NO_TENANT = "_";

  public static Key of(TenantId tenant, String name) {
    return new Key(tenant.value(), name);
  }

  /// A name that belongs to the partition itself.
  public static Key ofPartition(String name) {
    return new Key(NO_TENANT, name);
  }
}
