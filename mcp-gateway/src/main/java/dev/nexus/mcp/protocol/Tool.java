package dev.nexus.mcp.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/// A tool as it is listed.
///
/// @param description for a model; "" when there is none
/// @param inputSchema JSON Schema of the arguments, of type object
/// @param outputSchema JSON Schema of the structured result, of type object
public record Tool(
    String name,
    String title,
    String description,
    JsonNode inputSchema,
    Optional<JsonNode> outputSchema) {

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", name);
    json.put("title", title);
    if (!description.isEmpty()) {
      json.put("description", description);
    }
    json.set("inputSchema", inputSchema);
    outputSchema.ifPresent(schema -> json.set("outputSchema", schema));
    return json;
  }
}
