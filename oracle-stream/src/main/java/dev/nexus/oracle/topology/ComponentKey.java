package dev.nexus.oracle.topology;

import dev.nexus.event.Envelope;
import dev.nexus.event.TenantId;
import dev.nexus.topic.Keys;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/// A component of an application of a tenant.
record ComponentKey(TenantId tenant, String appId, String componentId) {

  static ComponentKey of(Envelope envelope, String component) {
    return new ComponentKey(envelope.tenantId(), envelope.appId(), component);
  }

  /// Key of its records on the oracle's topics.
  String text() {
    return Keys.component(tenant, appId, componentId);
  }

  /// The partition that Kafka's default partitioner gives this key.
  int partition(int partitions) {
    return Utils.toPositive(Utils.murmur2(text().getBytes(StandardCharsets.UTF_8))) % partitions;
  }

  @Override
  public String toString() {
    return text();
  }
}
