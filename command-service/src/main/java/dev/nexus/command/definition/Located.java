package dev.nexus.command.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A value of a file, YAML or JSON alike, that knows where it stands.
sealed interface Located {
  Mark mark();

  /// Line and column count from 1.
  record Mark(String file, int line, int column) {}

  record Fields(Mark mark, Map<String, Field> fields) implements Located {
    public Fields {
      fields = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
  }

  /// `mark` is the place of the name.
  record Field(Mark mark, Located value) {}

  record Items(Mark mark, List<Located> items) implements Located {
    public Items {
      items = List.copyOf(items);
    }
  }

  /// A text, number, boolean or null.
  record Scalar(Mark mark, JsonNode value) implements Located {}

  /// What kind of value it is, in the words of JSON.
  default String kind() {
    return switch (this) {
      case Fields _ -> "an object";
      case Items _ -> "a list";
      case Scalar(_, var value) -> value.isNull() ? "nothing" : value.toString();
    };
  }

  default JsonNode toJson() {
    return switch (this) {
      case Fields(_, var fields) -> {
        var object = JsonNodeFactory.instance.objectNode();
        fields.forEach((name, field) -> object.set(name, field.value().toJson()));
        yield object;
      }
      case Items(_, var items) -> {
        var array = JsonNodeFactory.instance.arrayNode();
        items.forEach(item -> array.add(item.toJson()));
        yield array;
      }
      case Scalar(_, var value) -> value;
    };
  }

  /// The place of the value a JSON Pointer names, or of the nearest one around it.
  default Mark markAt(String pointer) {
    Located here = this;
    for (String step : pointer.split("/")) {
      if (step.isEmpty()) {
        continue;
      }
      String name = step.replace("~1", "/").replace("~0", "~");
      switch (here) {
        case Fields(_, var fields) when fields.containsKey(name) -> here = fields.get(name).value();
        case Items(_, var items)
            when name.matches("\\d{1,6}") && Integer.parseInt(name) < items.size() ->
            here = items.get(Integer.parseInt(name));
        case Fields _, Items _, Scalar _ -> {
          return here.mark();
        }
      }
    }
    return here.mark();
  }
}
