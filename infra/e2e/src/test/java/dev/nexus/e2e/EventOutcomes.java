package dev.nexus.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.rig.PlatformExtension;
import java.util.ArrayList;
import java.util.List;

/// What became of the outside events of an application, as queries tell it now.
record EventOutcomes(PlatformExtension platform, String appId) {
  /// Those with this id, and what else the query says: `order-1&status=matched`.
  JsonNode events(String id) {
    return ask("/v1/events?app=" + appId + "&id=" + id).path("events");
  }

  /// Outputs, as JSON, of the executions that copies of an event started and that have succeeded.
  List<String> outputs(String id) {
    List<String> copies = events(id).findValuesAsText("eventId");
    List<String> outputs = new ArrayList<>();
    for (JsonNode execution :
        ask("/v1/executions?status=succeeded&limit=100&app=" + appId).path("executions")) {
      if (copies.contains(execution.path("correlationId").asText())) {
        outputs.add(execution.path("output").toString());
      }
    }
    return outputs;
  }

  private JsonNode ask(String path) {
    return PlatformExtension.json(platform.get(path), 200);
  }
}
