package dev.nexus.executor.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A question to a model.
///
/// @param parameters passed on as they are: `temperature`, `max_tokens`, …
/// @param timeout longest time until the last byte of the answer
/// @param traceparent W3C trace context of the call: whoever answers puts its own spans under it
public record ChatRequest(
    String model,
    List<ChatMessage> messages,
    Map<String, JsonNode> parameters,
    Duration timeout,
    String traceparent) {

  /// The same question, to be answered within `longest`.
  ChatRequest within(Duration longest) {
    return timeout.compareTo(longest) <= 0
        ? this
        : new ChatRequest(model, messages, parameters, longest, traceparent);
  }
}
