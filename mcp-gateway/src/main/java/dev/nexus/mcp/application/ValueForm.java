package dev.nexus.mcp.application;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/// How a component's value travels as a tool's: MCP wants objects, components may take and give
/// anything. What is no object goes as the one member of an object.
///
/// @param schema what the tool's list shows; empty when nothing is known of the value
/// @param member the member that holds the value, or "" when the object is the value
record ValueForm(Optional<JsonNode> schema, String member) {
  private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";
  private static final String HEADER_KEYWORD = "x-mcp-header";

  /// Arguments of a tool, from the input schema. A schema that says nothing of the type stays as it
  /// is: only objects can be sent.
  static ValueForm ofInput(JsonNode schema, String toolName) {
    if (!schema.has("type")) {
      ObjectNode typed = JsonNodeFactory.instance.objectNode();
      typed.put("type", "object");
      if (published(schema) instanceof ObjectNode rest) {
        typed.setAll(rest);
      }
      return new ValueForm(Optional.of(typed), "");
    }
    return of(schema, "input", toolName);
  }

  /// The structured result of a tool, from the output schema.
  static ValueForm ofOutput(JsonNode schema, String toolName) {
    return schema.isEmpty() ? new ValueForm(Optional.empty(), "") : of(schema, "result", toolName);
  }

  private static ValueForm of(JsonNode schema, String member, String toolName) {
    JsonNode published = published(schema);
    if (schema.path("type").asText().equals("object")) {
      return new ValueForm(Optional.of(published), "");
    }
    // A reference to # means the root of the schema it stands in: its own id keeps it that.
    if (published instanceof ObjectNode inner
        && !inner.has("$id")
        && inner.toString().contains("\"$ref\"")) {
      inner.put("$id", "urn:nexus:tool:" + toolName + ":" + member);
    }
    ObjectNode wrapper = JsonNodeFactory.instance.objectNode();
    wrapper.put("type", "object");
    wrapper.putObject("properties").set(member, published);
    wrapper.putArray("required").add(member);
    wrapper.put("additionalProperties", false);
    return new ValueForm(Optional.of(wrapper), member);
  }

  /// The component's value in what the tool got; JSON null when its member is missing.
  JsonNode unwrapped(ObjectNode arguments) {
    if (member.isEmpty()) {
      return arguments;
    }
    JsonNode value = arguments.get(member);
    return value == null ? JsonNodeFactory.instance.nullNode() : value;
  }

  /// The tool's structured result; empty when it can have none.
  Optional<JsonNode> wrapped(JsonNode value) {
    if (!member.isEmpty()) {
      ObjectNode wrapper = JsonNodeFactory.instance.objectNode();
      wrapper.set(member, value);
      return Optional.of(wrapper);
    }
    return value.isObject() ? Optional.of(value) : Optional.empty();
  }

  /// Where a fault of the component's value is in the tool's arguments.
  String pointer(String inValue) {
    return member.isEmpty() ? inValue : "/" + member + inValue;
  }

  /// The schema without what would mean something else, or nothing, to a client: the dialect is the
  /// default one, and no argument is repeated in a header.
  private static JsonNode published(JsonNode schema) {
    JsonNode copy = schema.deepCopy();
    if (copy instanceof ObjectNode object && object.path("$schema").asText().startsWith(DIALECT)) {
      object.remove("$schema");
    }
    removeHeaders(copy);
    return copy;
  }

  private static void removeHeaders(JsonNode node) {
    if (node instanceof ObjectNode object && object.path(HEADER_KEYWORD).isTextual()) {
      object.remove(HEADER_KEYWORD);
    }
    node.forEach(ValueForm::removeHeaders);
  }
}
