package dev.nexus.oracle.generation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What the inputs shown and judged so far looked like at the paths a candidate reads: presence and
/// type, and the values where an answer is looked up by value. Put before the code, it declines
/// every input that looks different, so that the model answers that one.
///
/// @param shapes kinds of value seen at a path: absent, null, boolean, number, string,
/// array, object
/// @param values texts seen at a path that is looked up
record Guard(
    SortedMap<String, SortedSet<String>> shapes, SortedMap<String, SortedSet<String>> values) {
  private static final int MOST_VALUES = 200;

  private static final String CHECK =
      """
      function nexusGuard(input) {
        const at = (path) => path.split(".").reduce(
          (value, name) => value !== null && typeof value === "object" && !Array.isArray(value)
            && Object.prototype.hasOwnProperty.call(value, name) ? value[name] : undefined, input);
        for (const path in nexusShapes) {
          const value = at(path);
          const kind = value === undefined ? "absent" : value === null ? "null"
            : Array.isArray(value) ? "array" : typeof value;
          if (!nexusShapes[path].includes(kind)) deopt("shape: " + path + " is " + kind);
        }
        for (const path in nexusValues) {
          const value = at(path);
          if (typeof value === "string" && !nexusValues[path].includes(value))
            deopt("value: " + path + " is new");
        }
      }
      """;

  /// What inputs show at the paths that are read: shapes are taken from all that are known, values
  /// only from those the generator was shown, so that no value of a sealed input gets into the
  /// code.
  static Guard from(ReadPaths reads, Collection<Json> shown, Collection<Json> judged) {
    List<JsonNode> shownNodes = shown.stream().map(CanonicalJson::read).toList();
    List<JsonNode> nodes = new ArrayList<>(shownNodes);
    judged.stream().map(CanonicalJson::read).forEach(nodes::add);
    SortedMap<String, SortedSet<String>> shapes = new TreeMap<>();
    SortedMap<String, SortedSet<String>> values = new TreeMap<>();
    for (String path : reads.paths()) {
      SortedSet<String> kinds = new TreeSet<>();
      nodes.forEach(node -> kinds.add(kind(at(node, path))));
      shapes.put(path, kinds);
    }
    for (String path : reads.lookups()) {
      SortedSet<String> texts = new TreeSet<>();
      for (JsonNode node : shownNodes) {
        JsonNode value = at(node, path);
        if (value.isTextual()) {
          texts.add(value.asText());
        }
      }
      if (texts.size() <= MOST_VALUES) {
        values.put(path, texts);
      }
    }
    return new Guard(shapes, values);
  }

  /// The candidate as it is judged and served: guard and code, with one global `handle`.
  String around(String source) {
    return String.join(
        "\n",
        "// Guard by Nexus: what the inputs known so far look like where the code reads them.",
        "const nexusShapes = " + json(shapes) + ";",
        "const nexusValues = " + json(values) + ";",
        CHECK.stripTrailing(),
        "const nexusCandidate = (function () {",
        source.strip(),
        "return handle;",
        "})();",
        "function handle(input) {",
        "  nexusGuard(input);",
        "  return nexusCandidate(input);",
        "}",
        "");
  }

  private static String json(Map<String, SortedSet<String>> sets) {
    SortedMap<String, List<String>> lists = new TreeMap<>();
    sets.forEach((path, texts) -> lists.put(path, new ArrayList<>(texts)));
    return CanonicalJson.toJson(lists).text();
  }

  private static JsonNode at(JsonNode input, String path) {
    JsonNode value = input;
    for (String name : path.split("\\.")) {
      value = value.path(name);
    }
    return value;
  }

  private static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case MISSING, POJO, BINARY -> "absent";
      case NULL -> "null";
      case BOOLEAN -> "boolean";
      case NUMBER -> "number";
      case STRING -> "string";
      case ARRAY -> "array";
      case OBJECT -> "object";
    };
  }
}
