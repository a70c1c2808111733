package dev.nexus.projector.ingress;

import dev.nexus.event.TenantId;
import dev.nexus.projector.store.Key;

/// What outside events and their lists are called. The names are those of executions, in partitions
/// of another topic, so that the apply script takes evicted events out of the lists as well.
public final class EventNames {
  private EventNames() {}

  /// An event is named by its place, `partition@offset`: each copy is one of its own.
  public static String place(int partition, long offset) {
    return partition + "@" + offset;
  }

  public static Key summary(TenantId tenant, String place) {
    return Key.of(tenant, "x/" + place);
  }

  public static Key all(TenantId tenant) {
    return Key.of(tenant, "i");
  }

  /// Events of any status but MATCHED, which are not listed apart.
  public static Key ofStatus(TenantId tenant, EventStatus status) {
    return Key.of(tenant, "i/s/" + status);
  }

  /// Hash of how many events ever had a status.
  public static Key counts(TenantId tenant) {
    return Key.of(tenant, "n");
  }

  /// List of decided events (`tenant/place`) in order. One a status, so that many that matched do
  /// not evict the few that did not.
  public static Key decided(EventStatus status) {
    return Key.ofPartition("decided/" + status);
  }
}
