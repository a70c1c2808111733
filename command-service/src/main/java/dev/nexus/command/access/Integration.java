package dev.nexus.command.access;

import dev.nexus.event.TenantId;

/// A registered source of outside events. Tenant and actor of what it sends come from here.
///
/// @param appId application that registered it
/// @param source CloudEvents source it speaks for
/// @param credentialKind `github-hmac`, or `none` for one that writes to Kafka itself
/// @param secretRef name of its secret; "" when the kind needs none
public record Integration(
    TenantId tenant,
    String appId,
    String integrationId,
    String source,
    String credentialKind,
    String secretRef) {
  public static final String GITHUB_HMAC = "github-hmac";
  public static final String NONE = "none";

  /// As written into the `actor` column of events.
  public String actor() {
    return "integration:" + integrationId;
  }
}
