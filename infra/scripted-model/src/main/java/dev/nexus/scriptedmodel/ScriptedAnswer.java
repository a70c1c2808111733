package dev.nexus.scriptedmodel;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// What a script answers to one input.
///
/// @param fingerprint names the input: latency, faults and mistakes are drawn from it
/// @param right the right answer
/// @param mistakes well-formed answers that are wrong, one of which stands in at the rate set; with
///     none the answer is always right
public record ScriptedAnswer(String fingerprint, JsonNode right, List<JsonNode> mistakes) {
  public ScriptedAnswer {
    mistakes = List.copyOf(mistakes);
  }

  /// An answer without mistakes.
  public static ScriptedAnswer always(JsonNode input, JsonNode right) {
    return new ScriptedAnswer(JsonText.fingerprint(input), right, List.of());
  }
}
