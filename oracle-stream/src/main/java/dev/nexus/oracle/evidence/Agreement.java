package dev.nexus.oracle.evidence;

import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.evidence.EvidenceEvent.Result;

/// Compares the answer of code with the right one. The comparator `equal` asks for the same JSON
/// value, whatever the order of keys.
public final class Agreement {
  public static final String EQUAL = "equal";

  private Agreement() {}

  /// Throws `IllegalArgumentException` for a comparator that does not exist.
  public static Result of(String comparator, Json expected, Json found) {
    if (!comparator.equals(EQUAL)) {
      throw new IllegalArgumentException(
          "comparator '" + EQUAL + "' expected, found '" + comparator + "'");
    }
    return CanonicalJson.fingerprint(expected).equals(CanonicalJson.fingerprint(found))
        ? Result.AGREED
        : Result.DISAGREED;
  }
}
