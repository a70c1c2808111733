package dev.nexus.topic;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import java.util.UUID;

/// Keys of records. The tenant always comes first.
public final class Keys {
  private Keys() {}

  public static String execution(TenantId tenant, ExecutionId execution) {
    return tenant + "/" + execution;
  }

  /// Key of an outside event, whose id says its source and its id there.
  public static String outsideEvent(TenantId tenant, UUID eventId) {
    return tenant + "/" + eventId;
  }

  public static String version(TenantId tenant, String appId, String digest) {
    return tenant + "/" + appId + "/" + digest;
  }

  public static String currentVersion(TenantId tenant, String appId) {
    return tenant + "/" + appId + "/current";
  }

  public static String component(TenantId tenant, String appId, String component) {
    return tenant + "/" + appId + "/" + component;
  }

  /// Key of what becomes of a pool's containers.
  public static String pool(TenantId tenant, String appId, String pool) {
    return tenant + "/" + appId + "/" + pool;
  }

  /// Key of what becomes of a service's containers.
  public static String service(TenantId tenant, String appId, String service) {
    return tenant + "/" + appId + "/" + service;
  }

  /// Key of what is asked of an application's values, which all have one owner.
  public static String values(TenantId tenant, String appId) {
    return tenant + "/" + appId;
  }

  public static String value(TenantId tenant, String appId, String key) {
    return tenant + "/" + appId + "/" + key;
  }

  /// Key of how far the owner of a partition has decided what is asked of values. No value has it:
  /// an application has an id.
  public static String valuesDecided(TenantId tenant, int partition) {
    return tenant + "//" + partition;
  }

  public static String entity(TenantId tenant, String kind, String id) {
    return tenant + "/" + kind + "/" + id;
  }
}
