package dev.nexus.command.application;

import dev.nexus.event.TenantId;
import java.util.Map;
import java.util.Optional;

/// A wish to publish the files as the next version of an application.
///
/// @param expectedRevision the revision the change was made from; empty takes any
public record Applying(
    TenantId tenant,
    String appId,
    Map<String, String> files,
    String actor,
    Optional<String> expectedRevision) {
  public Applying {
    files = Map.copyOf(files);
  }
}
