package dev.nexus.mcp.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;

/// What a call of a tool gave: a result, or an error that the model that called may mend.
///
/// @param text for clients that read text only
/// @param structured the result as JSON, where the tool has an output schema an instance of it
/// @param meta what else is known, by names with a prefix of ours
public record ToolResult(
    boolean isError, String text, Optional<JsonNode> structured, Map<String, String> meta) {
  public ToolResult {
    meta = Map.copyOf(meta);
  }

  public static ToolResult error(String text, Map<String, String> meta) {
    return new ToolResult(true, text, Optional.empty(), meta);
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ObjectNode content = json.putArray("content").addObject();
    content.put("type", "text");
    content.put("text", text);
    structured.ifPresent(value -> json.set("structuredContent", value));
    json.put("isError", isError);
    if (!meta.isEmpty()) {
      ObjectNode members = json.putObject("_meta");
      meta.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(e -> members.put(e.getKey(), e.getValue()));
    }
    return json;
  }
}
