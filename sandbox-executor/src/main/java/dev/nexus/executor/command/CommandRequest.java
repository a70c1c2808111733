package dev.nexus.executor.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.AllowedCommand;
import dev.nexus.executor.work.NearestName;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What a caller wants run: the input of `core.linux.executeCommand`.
///
/// @param timeout longest time that the caller gives it; zero leaves that to the component
record CommandRequest(String command, List<String> args, Duration timeout) {
  private static final List<String> FIELDS = List.of("command", "args", "timeout_seconds");
  private static final int LONGEST_ARGUMENT = 8 << 10;
  private static final int LONGEST_ARGUMENTS = 64 << 10;
  private static final BigDecimal LONGEST_SECONDS = BigDecimal.valueOf(3_600);
  private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000L);

  /// Throws `IllegalArgumentException`, which says what was expected where.
  static CommandRequest read(JsonNode input) {
    if (!input.isObject()) {
      throw new IllegalArgumentException(
          "an object with " + FIELDS + " expected, found " + kind(input));
    }
    for (var field : input.properties()) {
      if (!FIELDS.contains(field.getKey())) {
        throw new IllegalArgumentException(
            "one of "
                + FIELDS
                + " expected, found '"
                + field.getKey()
                + "'"
                + NearestName.hint(field.getKey(), FIELDS));
      }
    }
    JsonNode command = input.path("command");
    if (!command.isTextual() || command.textValue().isEmpty()) {
      throw new IllegalArgumentException(
          "command: the full path of a program expected, found " + kind(command));
    }
    return new CommandRequest(
        text("command", command.textValue()),
        args(input.path("args")),
        timeout(input.path("timeout_seconds")));
  }

  private static List<String> args(JsonNode field) {
    if (field.isMissingNode()) {
      return List.of();
    }
    if (!field.isArray() || field.size() > AllowedCommand.MOST_ARGUMENTS) {
      throw new IllegalArgumentException(
          "args: a list of at most "
              + AllowedCommand.MOST_ARGUMENTS
              + " texts expected, found "
              + (field.isArray() ? field.size() : kind(field)));
    }
    List<String> args = new ArrayList<>();
    int length = 0;
    for (JsonNode item : field) {
      String place = "args[" + args.size() + "]";
      if (!item.isTextual()) {
        throw new IllegalArgumentException(place + ": a text expected, found " + kind(item));
      }
      args.add(text(place, item.textValue()));
      length += item.textValue().getBytes(StandardCharsets.UTF_8).length;
    }
    if (length > LONGEST_ARGUMENTS) {
      throw new IllegalArgumentException(
          "args: at most " + LONGEST_ARGUMENTS + " bytes expected in all, found " + length);
    }
    return List.copyOf(args);
  }

  /// What a system can pass on to a program: NUL would end it, half a character is no text.
  private static String text(String place, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(place + ": a text without NUL expected");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException(
          place + ": a text expected, found half of a surrogate pair in it");
    }
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST_ARGUMENT) {
      throw new IllegalArgumentException(
          place + ": at most " + LONGEST_ARGUMENT + " bytes expected, found " + length);
    }
    return text;
  }

  private static Duration timeout(JsonNode field) {
    if (field.isMissingNode()) {
      return Duration.ZERO;
    }
    BigDecimal seconds = field.isNumber() ? field.decimalValue() : BigDecimal.ZERO;
    if (seconds.signum() <= 0 || seconds.compareTo(LONGEST_SECONDS) > 0) {
      throw new IllegalArgumentException(
          "timeout_seconds: a number above 0 and of at most "
              + LONGEST_SECONDS
              + " expected, found "
              + kind(field));
    }
    return Duration.ofNanos(Math.max(1, seconds.multiply(NANOS).longValue()));
  }

  private static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case MISSING -> "nothing";
      case OBJECT, POJO -> "an object";
      case ARRAY -> "a list";
      case STRING -> "a text";
      case NUMBER, BOOLEAN, NULL, BINARY -> value.asText();
    };
  }
}
