package dev.nexus.executor.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.executor.schema.OutputCheck;

/// Reads a model's answer as the JSON value its component promises.
final class AnswerParser {

  /// What an answer is worth.
  sealed interface Reading {
    record Usable(JsonNode output) implements Reading {}

    /// @param violation what is wrong, in words a model can act on
    record Unusable(String violation) implements Reading {}
  }

  private final OutputCheck outputs;

  AnswerParser(OutputCheck outputs) {
    this.outputs = outputs;
  }

  /// @param version digest of the application's version that defines the component
  Reading read(String answer, String version, ComponentDefinition component) {
    JsonNode output;
    try {
      output = CanonicalJson.read(withoutFence(answer));
    } catch (IllegalArgumentException e) {
      return new Reading.Unusable("the answer is not JSON: " + e.getMessage());
    }
    return outputs
        .violation(version, component, output)
        .<Reading>map(v -> new Reading.Unusable("the answer does not match its JSON Schema: " + v))
        .orElseGet(() -> new Reading.Usable(output));
  }

  /// Models like to wrap JSON in a Markdown fence whatever they are told.
  private static String withoutFence(String answer) {
    String text = answer.strip();
    if (!text.startsWith("```") || !text.endsWith("```") || text.indexOf('\n') < 0) {
      return text;
    }
    return text.substring(text.indexOf('\n') + 1, text.length() - 3).strip();
  }
}
