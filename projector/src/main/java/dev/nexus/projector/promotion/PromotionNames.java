package dev.nexus.projector.promotion;

import dev.nexus.event.TenantId;
import dev.nexus.projector.store.Key;

/// What the oracle's decisions about a component are called; all of them are hashes.
public final class PromotionNames {
  private PromotionNames() {}

  /// The components (`app/component`) a decision was taken about.
  public static Key known(TenantId tenant) {
    return Key.of(tenant, "decided");
  }

  /// Where a component stands.
  public static Key standing(TenantId tenant, String appId, String component) {
    return Key.of(tenant, "p/" + appId + "/" + component);
  }

  /// Every decision, event id to fact.
  public static Key history(TenantId tenant, String appId, String component) {
    return Key.of(tenant, "h/" + appId + "/" + component);
  }

  /// How many candidates had which fate; see `Fate`.
  public static Key fates(TenantId tenant, String appId, String component) {
    return Key.of(tenant, "n/" + appId + "/" + component);
  }

  /// Event ids of the newest counted decisions, so that a repeated one counts once.
  public static Key fatesSeen(TenantId tenant, String appId, String component) {
    return Key.of(tenant, "ns/" + appId + "/" + component);
  }

  public static Key route(TenantId tenant, String appId, String component) {
    return Key.of(tenant, "r/" + appId + "/" + component);
  }

  /// Evidence of every candidate, fields prefixed by identity and candidate number.
  public static Key evidence(TenantId tenant, String appId, String component) {
    return Key.of(tenant, "e/" + appId + "/" + component);
  }

  /// Event ids of the newest evidence, so that a repeated record counts once.
  public static Key evidenceSeen(TenantId tenant, String appId, String component) {
    return Key.of(tenant, "es/" + appId + "/" + component);
  }
}
