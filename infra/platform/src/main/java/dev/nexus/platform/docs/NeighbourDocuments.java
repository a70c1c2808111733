package dev.nexus.platform.docs;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;

/// What other services say of their calls where this process passes those on.
public interface NeighbourDocuments {
  /// The OpenAPI document of each, by its name; empty for one that does not answer now. Waits some
  /// seconds at most.
  Map<String, Optional<JsonNode>> openApi();
}
