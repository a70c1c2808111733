package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// JSON as commands are given it: as text, as `@FILE`, or as `-` for stdin.
final class JsonArgument {
  private JsonArgument() {}

  /// @param option the option it was given to, for what is said of a wrong one
  static JsonNode read(String option, String given) {
    String text;
    try {
      if (given.equals("-")) {
        text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
      } else if (given.startsWith("@")) {
        text = Files.readString(Path.of(given.substring(1)));
      } else {
        text = given;
      }
    } catch (IOException e) {
      throw new CommandFailedException(
          option + " " + given + " cannot be read: " + e.getMessage(), e);
    }
    try {
      return CanonicalJson.read(text);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(option + ": " + e.getMessage(), e);
    }
  }
}
