package dev.nexus.executor.service;

import dev.nexus.event.TenantId;
import dev.nexus.topic.Keys;
import java.util.Optional;

/// Names a service in an installation.
public record ServiceKey(TenantId tenant, String application, String service) {
  /// The service of that text, where it is one.
  static Optional<ServiceKey> of(String text) {
    String[] parts = text.split("/", -1);
    return parts.length == 3
        ? Optional.of(new ServiceKey(new TenantId(parts[0]), parts[1], parts[2]))
        : Optional.empty();
  }

  /// As keys of records have it.
  String text() {
    return Keys.service(tenant, application, service);
  }
}
