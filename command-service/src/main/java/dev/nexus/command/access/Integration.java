package dev.nexus.command.access;

import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition.IntegrationDefinition;

/// A registered source of outside events. Tenant and actor of what it sends come from here.
///
/// @param appId application that registered it
/// @param source CloudEvents source it speaks for
/// @param credentialKind `github-hmac`, or `none` for one that writes to Kafka itself
/// @param secretRef name of its secret; "" when the kind needs none
/// @param format form of its deliveries over HTTP: `github` or `cloudevents`
public record Integration(
    TenantId tenant,
    String appId,
    String integrationId,
    String source,
    String credentialKind,
    String secretRef,
    String format) {

  /// Whether it can prove who it is with a delivery over HTTP.
  public boolean delivers() {
    return credentialKind.equals(IntegrationDefinition.GITHUB_HMAC);
  }

  /// As written into the `actor` column of events.
  public String actor() {
    return "integration:" + integrationId;
  }
}
