package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.projector.application.ApplicationNames;
import dev.nexus.topic.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Published applications as they are projected.
public final class ApplicationQueries {
  private final ProjectionReads reads;

  public ApplicationQueries(ProjectionReads reads) {
    this.reads = reads;
  }

  Set<String> names(TenantId tenant) {
    return current(tenant).keySet();
  }

  /// Digest of the current version, by application.
  private Map<String, String> current(TenantId tenant) {
    Map<String, String> current = new TreeMap<>();
    reads
        .hashes(Topic.DEFINITIONS, ApplicationNames.current(tenant))
        .values()
        .forEach(found -> current.putAll(ProjectionReads.texts(found)));
    return current;
  }

  /// The current version of an application: name, digest, revision, components.
  Optional<JsonNode> version(TenantId tenant, String appId) {
    String digest = current(tenant).getOrDefault(appId, "");
    return reads
        .hashes(Topic.DEFINITIONS, ApplicationNames.versions(tenant, appId))
        .values()
        .stream()
        .map(found -> found.get(digest))
        .filter(java.util.Objects::nonNull)
        .findFirst()
        .map(text -> CanonicalJson.read(ProjectionReads.text(text)));
  }

  /// Components of the current version; empty when there is no such application.
  List<String> components(TenantId tenant, String appId) {
    List<String> names = new ArrayList<>();
    version(tenant, appId)
        .ifPresent(
            version ->
                version.path("components").forEach(c -> names.add(c.path("component").asText())));
    return names;
  }
}
