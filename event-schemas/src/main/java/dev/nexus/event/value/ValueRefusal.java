package dev.nexus.event.value;

import java.util.Arrays;
import java.util.Optional;

/// Why a request about a runtime value is refused.
public enum ValueRefusal {
  INVALID("invalid-value-request"),
  VERSION_CONFLICT("version-conflict"),
  NO_WHOLE_NUMBER("no-whole-number"),
  OUT_OF_RANGE("number-out-of-range"),
  NO_ROOM("value-limit-reached"),
  REQUEST_REUSED("idempotency-key-reused");

  private final String word;

  ValueRefusal(String word) {
    this.word = word;
  }

  /// As it stands in answers.
  public String word() {
    return word;
  }

  public static Optional<ValueRefusal> of(String word) {
    return Arrays.stream(values()).filter(refusal -> refusal.word.equals(word)).findFirst();
  }
}
