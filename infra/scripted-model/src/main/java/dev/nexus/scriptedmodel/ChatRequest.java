package dev.nexus.scriptedmodel;

import com.fasterxml.jackson.databind.JsonNode;

/// A request for a chat completion, as far as this server looks at it.
///
/// @param prompt the text of all messages
/// @param stream whether the answer is wanted in pieces
/// @param usageInStream whether a stream ends with its token counts
record ChatRequest(String prompt, boolean stream, boolean usageInStream) {

  /// Reads the request's body; throws `IllegalArgumentException` that says what is missing.
  static ChatRequest parse(String body) {
    JsonNode request = JsonText.read(body);
    JsonNode messages = request.path("messages");
    if (!messages.isArray() || messages.isEmpty()) {
      throw new IllegalArgumentException("'messages' must be an array of at least one message");
    }
    if (request.path("n").asInt(1) != 1) {
      throw new IllegalArgumentException("'n' must be 1: this server gives one choice");
    }
    var prompt = new StringBuilder();
    for (JsonNode message : messages) {
      // What the model said itself is no input: a repair quotes it.
      if (!message.path("role").asText().equals("assistant")) {
        appendContent(prompt, message.path("content"));
      }
    }
    return new ChatRequest(
        prompt.toString(),
        request.path("stream").asBoolean(false),
        request.path("stream_options").path("include_usage").asBoolean(false));
  }

  private static void appendContent(StringBuilder prompt, JsonNode content) {
    if (content.isTextual()) {
      prompt.append(content.textValue()).append('\n');
    }
    for (JsonNode part : content) {
      if (part.path("type").asText().equals("text")) {
        prompt.append(part.path("text").asText()).append('\n');
      }
    }
  }
}
