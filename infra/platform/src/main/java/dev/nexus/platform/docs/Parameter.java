package dev.nexus.platform.docs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/// What an operation reads beside its body.
///
/// @param in `path`, `query` or `header`
/// @param schema what its value may be
public record Parameter(String in, String name, String about, boolean required, ObjectNode schema) {
  private static final String DURATION = "^\\d{1,9}(ms|s|m|h|d)$";

  /// Shared by all operations that wait for a write, or read what one wrote.
  public static final Parameter AFTER =
      query("after", "Token of an earlier answer: waits until what it names is visible here.");

  public static final Parameter CURSOR =
      query("cursor", "The `cursor` of the page before; without it the first page.");

  public static final Parameter TRACE =
      header("traceparent", "W3C trace context, which the events that follow carry.");

  public static Parameter path(String name, String about) {
    return new Parameter("path", name, about, true, text());
  }

  public static Parameter query(String name, String about) {
    return new Parameter("query", name, about, false, text());
  }

  public static Parameter header(String name, String about) {
    return new Parameter("header", name, about, false, text());
  }

  public static Parameter app(String about) {
    return path("app", about);
  }

  /// How many of a list are wanted.
  public static Parameter limit(int absent, int most) {
    return query("limit", "How many at most.").number(absent, most);
  }

  /// From 1 to `most`; `absent` where it is left out.
  Parameter number(int absent, int most) {
    ObjectNode number = JsonNodeFactory.instance.objectNode();
    number.put("type", "integer").put("minimum", 1).put("maximum", most).put("default", absent);
    return with(number);
  }

  /// A number from 1 on.
  public Parameter position() {
    ObjectNode number = JsonNodeFactory.instance.objectNode();
    return with(number.put("type", "integer").put("format", "int64").put("minimum", 1));
  }

  /// True or false.
  public Parameter flag() {
    return with(JsonNodeFactory.instance.objectNode().put("type", "boolean"));
  }

  /// A time such as `30s`.
  public Parameter duration(Duration longest) {
    ObjectNode time = text();
    time.put("pattern", DURATION);
    time.putArray("examples").add("30s").add("500ms");
    return new Parameter(in, name, about + " At most " + words(longest) + ".", required, time);
  }

  public Parameter duration(Duration longest, Duration absent) {
    Parameter time = duration(longest);
    time.schema().put("default", words(absent));
    return time;
  }

  /// The names of an enum, in lower case.
  public Parameter word(Class<? extends Enum<?>> words) {
    ObjectNode one = text();
    Arrays.stream(words.getEnumConstants())
        .map(constant -> constant.name().toLowerCase(Locale.ROOT))
        .forEach(one.putArray("enum")::add);
    return with(one);
  }

  /// That must be there.
  public Parameter needed() {
    return new Parameter(in, name, about, true, schema);
  }

  private Parameter with(ObjectNode other) {
    return new Parameter(in, name, about, required, other);
  }

  private static ObjectNode text() {
    return JsonNodeFactory.instance.objectNode().put("type", "string");
  }

  private static String words(Duration time) {
    if (time.toHours() > 0) {
      return time.toHours() + "h";
    }
    return time.toMinutes() > 0 ? time.toMinutes() + "m" : time.toSeconds() + "s";
  }

  ObjectNode json() {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("name", name)
            .put("in", in)
            .put("description", about)
            .put("required", required);
    json.set("schema", schema);
    return json;
  }
}
