package dev.nexus.event.entity;

import dev.nexus.event.Doc;
import java.time.Instant;
import java.util.List;

/// Things with an identity and a latest state, on `nexus.entities` (compacted). Key:
/// tenant/kind/id.
public sealed interface EntityEvent {

  record TenantRegistered(@Doc("Name for people.") String displayName) implements EntityEvent {}

  record KeyIssued(
      @Doc("Public part of the key.") String keyId,
      @Doc("Self-describing hash of the key: sha256$<hex>.") String keyHash,
      @Doc("What it is for, for people.") String description,
      @Doc("What it may do: operator, or app:<id>:invoke, app:<id>:read …") List<String> scopes,
      @Doc("When it ends.") Instant expiresAt)
      implements EntityEvent {}

  record KeyRevoked(@Doc("Public part of the key.") String keyId) implements EntityEvent {}

  /// A source of outside events and how it proves who it is.
  record IntegrationRegistered(
      @Doc("Id of the integration.") String integrationId,
      @Doc("CloudEvents source it speaks for.") String source,
      @Doc("How it proves itself: none (Kafka, local), github-hmac.") String credentialKind,
      @Doc("Name of the secret that holds the credential, never the credential.") String secretRef,
      @Doc("Form of its deliveries over HTTP: github, cloudevents; absent: as the credential says.")
          String format)
      implements EntityEvent {}

  record IntegrationRemoved(@Doc("Id of the integration.") String integrationId)
      implements EntityEvent {}
}
