package dev.nexus.scriptedmodel.triage;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/// Shows whether a candidate could have been written with knowledge of its sealed inputs: a string
/// literal of its source that is a value of a sealed input must be a value of an example its
/// generator was shown.
public final class SealedInputCheck {
  private SealedInputCheck() {}

  /// Literals of `source` that only the sealed inputs can have given; empty is what must be.
  ///
  /// @param shown examples and counterexamples of the recorded synthesis request, inputs and
  ///     outputs
  /// @param sealed inputs the candidate was judged on
  public static Set<String> leaks(
      String source, Collection<JsonNode> shown, Collection<JsonNode> sealed) {
    var leaks = new TreeSet<>(JsLiterals.of(source));
    leaks.retainAll(texts(sealed));
    leaks.removeAll(texts(shown));
    return leaks;
  }

  private static Set<String> texts(Collection<JsonNode> values) {
    var texts = new HashSet<String>();
    values.forEach(value -> collect(value, texts));
    return texts;
  }

  private static void collect(JsonNode value, Set<String> texts) {
    if (value.isTextual()) {
      texts.add(value.textValue());
    }
    for (JsonNode child : value) {
      collect(child, texts);
    }
  }
}
