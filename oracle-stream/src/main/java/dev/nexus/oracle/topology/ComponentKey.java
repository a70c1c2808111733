package dev.nexus.oracle.topology;

import dev.nexus.event.Envelope;
import dev.nexus.event.TenantId;
import dev.nexus.platform.stream.KeyPartition;
import dev.nexus.topic.Keys;

/// A component of an application of a tenant.
record ComponentKey(TenantId tenant, String appId, String componentId) {

  static ComponentKey of(Envelope envelope, String component) {
    return new ComponentKey(envelope.tenantId(), envelope.appId(), component);
  }

  /// Key of its records on the oracle's topics.
  String text() {
    return Keys.component(tenant, appId, componentId);
  }

  /// The partition on which its records stand.
  int partition(int partitions) {
    return KeyPartition.of(text(), partitions);
  }

  @Override
  public String toString() {
    return text();
  }
}
