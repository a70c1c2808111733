package dev.nexus.scriptedmodel;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/// Knows the answers to some inputs. A script sees the JSON that stands in a prompt and nothing of
/// the prose around it, so a changed template changes no answer.
@FunctionalInterface
public interface Script {
  /// The answer to the input among `found`, or nothing when this script does not know it.
  ///
  /// @param found the outermost JSON values of the prompt, in order
  Optional<ScriptedAnswer> answer(List<JsonNode> found);
}
