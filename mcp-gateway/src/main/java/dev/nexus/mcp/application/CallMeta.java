package dev.nexus.mcp.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.platform.call.Origin;
import java.util.Optional;

/// What a call says beside its arguments.
final class CallMeta {
  /// What members of `_meta` begin with that are ours.
  static final String OURS = "dev.nexus/";

  private CallMeta() {}

  /// A trace begun by the model's side counts more than that of its HTTP call.
  static Origin traced(Origin origin, JsonNode meta) {
    JsonNode traceparent = meta.path("traceparent");
    return traceparent.isTextual() ? origin.traced(traceparent.textValue()) : origin;
  }

  static Optional<String> idempotencyKey(JsonNode meta) {
    JsonNode key = meta.path(OURS + "idempotencyKey");
    return key.isTextual() && !key.textValue().isEmpty()
        ? Optional.of(key.textValue())
        : Optional.empty();
  }
}
