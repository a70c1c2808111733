package dev.nexus.oracle.topology;

import dev.nexus.event.TenantId;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import java.util.Optional;

/// Tells the current version of an application.
interface CurrentVersions {
  Optional<Version> of(TenantId tenant, String appId);
}
