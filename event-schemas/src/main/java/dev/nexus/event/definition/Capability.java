package dev.nexus.event.definition;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What code may ask for beside its input, where `taskDetails.capabilities` of its component names
/// it.
public enum Capability {
  /// The time.
  CLOCK,

  /// Random numbers, other ones in each call.
  RANDOM,

  /// Calls of the tools of its application.
  TOOLS,

  /// The runtime values of its application.
  STATE;

  /// As a definition names it.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Capability> named(String text) {
    return Arrays.stream(values()).filter(one -> one.text().equals(text)).findFirst();
  }

  public static List<String> names() {
    return Arrays.stream(values()).map(Capability::text).toList();
  }
}
