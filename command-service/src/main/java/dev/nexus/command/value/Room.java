package dev.nexus.command.value;

import java.util.Optional;

/// How much of its room an application has taken.
///
/// @param keys values it has
/// @param bytes that they take, keys and JSON
public record Room(long keys, long bytes, Limits limits) {

  /// How many values, and how many bytes of them, an application may have.
  public record Limits(long keys, long bytes) {}

  /// What is wrong with putting a value of so many bytes where there was `before`.
  Optional<String> faultOf(ValueState before, long size) {
    if (before instanceof ValueState.Absent && keys >= limits.keys()) {
      return Optional.of(
          "an application has at most %d values, found %d: delete some, or give them a time to live"
              .formatted(limits.keys(), keys));
    }
    long after = bytes - before.bytes() + size;
    return after > limits.bytes() && size > before.bytes()
        ? Optional.of(
            "the values of an application take at most %d bytes, with this one they would take %d"
                .formatted(limits.bytes(), after))
        : Optional.empty();
  }
}
