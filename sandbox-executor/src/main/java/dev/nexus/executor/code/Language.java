package dev.nexus.executor.code;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What code is written in. Definitions name it in small letters.
public enum Language {
  JAVASCRIPT,
  PYTHON;

  /// The language a definition names; JavaScript where it names none.
  public static Optional<Language> named(String name) {
    return switch (name) {
      case "", "js" -> Optional.of(JAVASCRIPT);
      default -> Arrays.stream(values()).filter(l -> l.text().equals(name)).findFirst();
    };
  }

  /// Its name in a definition.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
