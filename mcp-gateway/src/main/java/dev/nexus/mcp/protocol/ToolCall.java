package dev.nexus.mcp.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// A call of a tool.
///
/// @param meta what the client sent beside the arguments; an empty object when that was nothing
public record ToolCall(String name, ObjectNode arguments, JsonNode meta) {}
