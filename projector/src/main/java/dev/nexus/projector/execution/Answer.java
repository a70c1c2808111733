package dev.nexus.projector.execution;

import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.CanonicalJson;
import java.util.Map;

/// An output, or what it should have been, as the summary of an execution keeps it: the text, or
/// for a long one the fingerprint of its canonical form. Both empty: there is none.
public record Answer(String text, String fingerprint) {
  /// Longer ones are kept as fingerprint only; the facts have them whole.
  static final int LARGEST_TEXT = 4 * 1024;

  public static Answer of(Json value) {
    String text = value.text();
    return text.length() <= LARGEST_TEXT ? new Answer(text, "") : new Answer("", fingerprint(text));
  }

  /// Reads the fields `name` and `nameFingerprint`.
  static Answer from(Map<String, String> fields, String name) {
    return new Answer(fields.getOrDefault(name, ""), fields.getOrDefault(name + "Fingerprint", ""));
  }

  /// Writes what `from` reads.
  void into(Map<String, String> fields, String name) {
    fields.put(name, text);
    fields.put(name + "Fingerprint", fingerprint);
  }

  public boolean exists() {
    return !text.isEmpty() || !fingerprint.isEmpty();
  }

  /// Whether both have the same canonical JSON. Equal text needs no parsing, and is the usual case.
  public boolean agreesWith(Answer other) {
    if (!text.isEmpty() && text.equals(other.text)) {
      return true;
    }
    return canonical().equals(other.canonical());
  }

  private String canonical() {
    return fingerprint.isEmpty() ? fingerprint(text) : fingerprint;
  }

  /// Text that is no JSON has the fingerprint of its characters.
  private static String fingerprint(String text) {
    try {
      return CanonicalJson.fingerprint(new Json(text));
    } catch (IllegalArgumentException e) {
      return NameIds.sha256(text);
    }
  }
}
