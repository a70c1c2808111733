package dev.nexus.executor.service;

import dev.nexus.event.TenantId;
import dev.nexus.topic.Keys;

/// Names a service in an installation.
public record ServiceKey(TenantId tenant, String application, String service) {
  /// As keys of records have it.
  String text() {
    return Keys.service(tenant, application, service);
  }
}
