package dev.nexus.event.definition;

import dev.nexus.event.Doc;
import dev.nexus.event.Json;

/// Applications, on `nexus.definitions` (compacted). Key: tenant/app/digest for versions and
/// tenant/app/current for the pointer.
public sealed interface DefinitionEvent {

  /// A version exists, whole and valid. The commit point of a publication.
  record VersionPublished(
      @Doc("SHA-256 of the normalised bundle.") String digest,
      @Doc("Git commit that holds it.") String revision,
      @Doc("The whole application, normalised: ApplicationDefinition as JSON.") Json bundle)
      implements DefinitionEvent {}

  /// New requests go to this version.
  record CurrentVersionSet(
      @Doc("SHA-256 of the normalised bundle.") String digest,
      @Doc("Git commit that holds it.") String revision)
      implements DefinitionEvent {}
}
