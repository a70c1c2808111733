package dev.nexus.mcp.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.MalformedJsonException;

/// One JSON-RPC message from a client.
sealed interface Message {
  /// Wants a response under its id, a text or an integer.
  record Request(JsonNode id, String method, ObjectNode params) implements Message {
    /// The member of `_meta`; JSON null when it is not there.
    JsonNode meta(String name) {
      JsonNode value = params.path("_meta").get(name);
      return value == null ? NullNode.getInstance() : value;
    }
  }

  record Notification(String method) implements Message {}

  /// The answer to something we never ask.
  record Response() implements Message {}

  /// Reads a message; throws `RpcException` when it is none.
  static Message parse(String text) {
    JsonNode node;
    try {
      node = CanonicalJson.read(text);
    } catch (MalformedJsonException e) {
      throw new RpcException(RpcError.unreadable("the body: " + e.getMessage()));
    }
    if (node.isArray()) {
      throw invalid("send one message, not a batch");
    }
    if (!(node instanceof ObjectNode message) || !message.path("jsonrpc").asText().equals("2.0")) {
      throw invalid("expected an object with jsonrpc 2.0");
    }
    return message.has("method") ? call(message) : response(message);
  }

  private static Message call(ObjectNode message) {
    if (!message.get("method").isTextual()) {
      throw invalid("method must be a text");
    }
    String method = message.get("method").textValue();
    JsonNode id = message.get("id");
    if (id == null) {
      return new Notification(method);
    }
    if (!id.isTextual() && !id.isIntegralNumber()) {
      throw invalid("id must be a text or an integer");
    }
    JsonNode params = message.path("params");
    if (params.isMissingNode() || params instanceof ObjectNode) {
      return new Request(
          id,
          method,
          params instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode());
    }
    throw invalid("params must be an object");
  }

  private static Message response(ObjectNode message) {
    if (message.has("id") && (message.has("result") || message.has("error"))) {
      return new Response();
    }
    throw invalid("method is missing");
  }

  private static RpcException invalid(String detail) {
    return new RpcException(RpcError.invalidRequest(detail));
  }
}
