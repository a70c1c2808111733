package dev.nexus.command.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.NearestNames;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.ProblemException;
import io.micronaut.http.HttpStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Request bodies and parameters, read strictly: what does not fit ends the call with a 400 that
/// says what was expected.
final class Bodies {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

  private static final Duration A_DAY = Duration.ofDays(1);

  private Bodies() {}

  /// Any JSON value.
  static JsonNode json(@Nullable String body) {
    try {
      return CanonicalJson.read(body == null ? "" : body);
    } catch (IllegalArgumentException e) {
      throw Problem.of(HttpStatus.BAD_REQUEST, "malformed-json", "the body: " + e.getMessage())
          .exception();
    }
  }

  /// A JSON object with no fields but these.
  static ObjectNode object(@Nullable String body, String... known) {
    if (!(json(body) instanceof ObjectNode object)) {
      throw invalid(Fault.at("", "wrong body", "a JSON object", "something else"));
    }
    List<String> valid = List.of(known);
    List<Fault> unknown = new ArrayList<>();
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!valid.contains(name)) {
                unknown.add(
                    new Fault(
                        "/" + name,
                        "",
                        0,
                        0,
                        "unknown field",
                        "one of " + String.join(", ", valid),
                        name,
                        NearestNames.of(name, valid)));
              }
            });
    if (!unknown.isEmpty()) {
      throw invalid(unknown.toArray(Fault[]::new));
    }
    return object;
  }

  /// A text field; `absent` when it is not there.
  static String text(ObjectNode object, String name, String absent) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return absent;
    }
    if (!value.isTextual()) {
      throw invalid(Fault.at("/" + name, "wrong " + name, "a text", value.toString()));
    }
    return value.asText();
  }

  /// A field that is true or false; false when it is not there.
  static boolean flag(ObjectNode object, String name) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return false;
    }
    if (!value.isBoolean()) {
      throw invalid(Fault.at("/" + name, "wrong " + name, "true or false", value.toString()));
    }
    return value.asBoolean();
  }

  static String requiredText(ObjectNode object, String name) {
    String text = text(object, name, "");
    if (text.isEmpty()) {
      throw invalid(Fault.at("", "the field " + name + " is missing", "a text", "nothing"));
    }
    return text;
  }

  /// A parameter with a duration such as `30s`; `absent` when there is none.
  static Duration duration(String name, Optional<String> text, Duration longest, Duration absent) {
    return text.isEmpty() ? absent : duration("", name, text.get(), longest);
  }

  /// A field with a duration such as `90d`; `absent` when it is not there.
  static Duration duration(ObjectNode object, String name, Duration longest, Duration absent) {
    String text = text(object, name, "");
    return text.isEmpty() ? absent : duration("/" + name, name, text, longest);
  }

  private static Duration duration(String pointer, String name, String text, Duration longest) {
    Matcher matcher = DURATION.matcher(text);
    Duration read = matcher.matches() ? of(matcher) : longest.plusMillis(1);
    if (read.compareTo(longest) > 0) {
      String examples = longest.compareTo(A_DAY) > 0 ? "90d or 12h" : "500ms, 30s or 10m";
      throw invalid(
          Fault.at(
              pointer,
              "wrong " + name,
              "a duration such as " + examples + ", at most " + Settings.inWords(longest),
              "'" + text + "'"));
    }
    return read;
  }

  private static Duration of(Matcher matcher) {
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  static ProblemException invalid(Fault... faults) {
    return Problem.of(HttpStatus.BAD_REQUEST, "invalid-request", faults[0].sentence())
        .with(List.of(faults))
        .exception();
  }
}
