package dev.nexus.platform.security;

import dev.nexus.event.TenantId;
import java.util.List;

/// Who a call comes from, once its key was checked.
public record Principal(TenantId tenant, String keyId, List<Scope> scopes) {
  public Principal {
    scopes = List.copyOf(scopes);
  }

  /// As written into the `actor` column of events.
  public String actor() {
    return "key:" + keyId;
  }
}
