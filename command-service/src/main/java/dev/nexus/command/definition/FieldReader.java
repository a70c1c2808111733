package dev.nexus.command.definition;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.command.definition.Located.Field;
import dev.nexus.command.definition.Located.Fields;
import dev.nexus.command.definition.Located.Items;
import dev.nexus.command.definition.Located.Mark;
import dev.nexus.command.definition.Located.Scalar;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the fields of one object by name and reports what does not fit. A reader always returns a
/// value, so that reading goes on and finds the next fault; `finish` reports the fields nobody
/// asked for.
final class FieldReader {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

  private final Fields fields;
  private final Faults faults;
  private final Set<String> known = new LinkedHashSet<>();

  FieldReader(Fields fields, Faults faults) {
    this.fields = fields;
    this.faults = faults;
  }

  Faults faults() {
    return faults;
  }

  Mark mark() {
    return fields.mark();
  }

  /// The place of a field's value, or of the object when it is absent.
  Mark mark(String name) {
    return find(name).map(Located::mark).orElse(fields.mark());
  }

  boolean has(String name) {
    return find(name).isPresent();
  }

  /// The value of a field; empty when it is absent or null.
  Optional<Located> find(String name) {
    known.add(name);
    Field field = fields.fields().get(name);
    return field == null || field.value() instanceof Scalar(_, var value) && value.isNull()
        ? Optional.empty()
        : Optional.of(field.value());
  }

  /// The first of several names for one field that is present.
  Optional<Located> findAny(String... names) {
    Optional<Located> found = Optional.empty();
    for (String name : names) {
      Optional<Located> value = find(name);
      if (found.isEmpty()) {
        found = value;
      }
    }
    return found;
  }

  String text(String name, String absent) {
    return find(name).map(value -> textOf(name, value, absent)).orElse(absent);
  }

  String requiredText(String name) {
    if (!has(name)) {
      faults.add(mark(), "the field " + name + " is missing", "a text", "nothing");
      return "";
    }
    return text(name, "");
  }

  /// A text that must match; `shape` says in words what is expected.
  String requiredText(String name, Pattern pattern, String shape) {
    String text = requiredText(name);
    if (!text.isEmpty() && !pattern.matcher(text).matches()) {
      faults.add(mark(name), "wrong " + name, shape, "'" + text + "'");
    }
    return text;
  }

  String oneOf(String name, Collection<String> valid, String absent) {
    String text = text(name, absent);
    if (!valid.contains(text)) {
      faults.unknown(mark(name), "unknown " + name, text, valid);
      return absent;
    }
    return text;
  }

  int integer(String name, int low, int high, int absent) {
    Optional<Located> found = find(name);
    if (found.isEmpty()) {
      return absent;
    }
    if (found.get() instanceof Scalar(_, var value)
        && value.isIntegralNumber()
        && value.canConvertToInt()
        && value.intValue() >= low
        && value.intValue() <= high) {
      return value.intValue();
    }
    faults.add(
        found.get().mark(),
        "wrong " + name,
        "a whole number from " + low + " to " + high,
        found.get().kind());
    return absent;
  }

  /// A number between `low` and `high`, both excluded.
  double number(String name, double low, double high, double absent) {
    Optional<Located> found = find(name);
    if (found.isEmpty()) {
      return absent;
    }
    if (found.get() instanceof Scalar(_, var value)
        && value.isNumber()
        && value.doubleValue() > low
        && value.doubleValue() < high) {
      return value.doubleValue();
    }
    faults.add(
        found.get().mark(),
        "wrong " + name,
        "a number between " + low + " and " + high,
        found.get().kind());
    return absent;
  }

  Duration duration(String name, Duration longest, Duration absent) {
    Optional<Located> found = find(name);
    if (found.isEmpty()) {
      return absent;
    }
    Optional<Duration> read =
        found.get() instanceof Scalar(_, var value) && value.isTextual()
            ? parse(value.textValue())
            : Optional.empty();
    if (read.isPresent() && read.get().compareTo(longest) <= 0) {
      return read.get();
    }
    faults.add(
        found.get().mark(),
        "wrong " + name,
        "a duration such as 500ms, 30s, 10m or 1h, at most " + inWords(longest),
        found.get().kind());
    return absent;
  }

  /// The fields of an object; none, reported, when it is something else.
  Optional<FieldReader> object(String name) {
    return find(name).flatMap(value -> objectOf(name, value, faults));
  }

  static Optional<FieldReader> objectOf(String name, Located value, Faults faults) {
    if (value instanceof Fields inner) {
      return Optional.of(new FieldReader(inner, faults));
    }
    faults.add(value.mark(), "wrong " + name, "an object", value.kind());
    return Optional.empty();
  }

  /// The items of a list; none, reported, when it is something else.
  List<Located> list(String name) {
    Optional<Located> found = find(name);
    if (found.isEmpty()) {
      return List.of();
    }
    if (found.get() instanceof Items(_, var items)) {
      return items;
    }
    faults.add(found.get().mark(), "wrong " + name, "a list", found.get().kind());
    return List.of();
  }

  /// All fields of an object as JSON, whatever they are.
  Map<String, JsonNode> anything(String name) {
    return object(name)
        .map(
            inner -> {
              Map<String, JsonNode> all = new java.util.TreeMap<>();
              inner.fields.fields().forEach((key, f) -> all.put(key, f.value().toJson()));
              return all;
            })
        .orElse(new java.util.TreeMap<>());
  }

  /// Accepts fields of the specification that have no effect here, and says so.
  void withoutEffect(String... names) {
    for (String name : names) {
      find(name)
          .ifPresent(value -> faults.remark(value.mark(), name + " has no effect in this version"));
    }
  }

  /// Reports every field nobody asked for, with the nearest name that would do.
  void finish() {
    fields
        .fields()
        .forEach(
            (name, field) -> {
              if (!known.contains(name)) {
                faults.unknown(field.mark(), "unknown field", name, known);
              }
            });
  }

  private String textOf(String name, Located value, String absent) {
    if (value instanceof Scalar(_, var scalar) && (scalar.isTextual() || scalar.isNumber())) {
      return scalar.asText();
    }
    faults.add(value.mark(), "wrong " + name, "a text", value.kind());
    return absent;
  }

  private static Optional<Duration> parse(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long amount = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          case "h" -> Duration.ofHours(amount);
          default -> Duration.ofDays(amount);
        });
  }

  private static String inWords(Duration duration) {
    return duration.toHours() > 0 ? duration.toHours() + "h" : duration.toSeconds() + "s";
  }
}
