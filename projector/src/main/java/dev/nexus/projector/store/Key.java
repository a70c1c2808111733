package dev.nexus.projector.store;

import dev.nexus.event.TenantId;

/// What something kept in Redis is called inside its partition and generation; see the package.
public record Key(String tenant, String name) {
  /// Stands where a tenant would: no tenant can be called so.
  private static final String NO_TENANT = "_";

  /// Throws `IllegalArgumentException` for a name with a character that stands between names where
  /// they are kept outside of Redis.
  public Key {
    if (name.indexOf(ItemName.BETWEEN) >= 0) {
      throw new IllegalArgumentException("a name without the character 0 expected");
    }
  }

  public static Key of(TenantId tenant, String name) {
    return new Key(tenant.value(), name);
  }

  /// A name that belongs to the partition itself.
  public static Key ofPartition(String name) {
    return new Key(NO_TENANT, name);
  }
}
