package dev.nexus.executor.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import com.hubspot.jinjava.objects.collections.PyList;
import com.hubspot.jinjava.objects.collections.PyMap;
import dev.nexus.event.definition.CanonicalJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON as template variables. Objects and arrays print as JSON wherever a template prints them.
final class TemplateValues {
  private TemplateValues() {}

  /// `input`, and its top-level fields where it is an object.
  static Map<String, @Nullable Object> of(JsonNode input) {
    Map<String, @Nullable Object> variables = new LinkedHashMap<>();
    if (input.isObject()) {
      input.properties().forEach(e -> variables.put(e.getKey(), value(e.getValue())));
    }
    variables.put("input", value(input));
    return variables;
  }

  private static @Nullable Object value(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> {
        Map<String, Object> fields = new LinkedHashMap<>();
        node.properties().forEach(e -> fields.put(e.getKey(), value(e.getValue())));
        yield new PrintedMap(fields, node);
      }
      case ARRAY -> {
        List<Object> items = new ArrayList<>(node.size());
        node.forEach(item -> items.add(value(item)));
        yield new PrintedList(items, node);
      }
      case STRING -> node.textValue();
      case BOOLEAN -> node.booleanValue();
      case NUMBER ->
          node.isIntegralNumber() && node.canConvertToLong()
              ? (Object) node.longValue()
              : node.decimalValue();
      case NULL, MISSING, BINARY, POJO -> null;
    };
  }

  private static final class PrintedMap extends PyMap {
    private final JsonNode json;

    PrintedMap(Map<String, Object> fields, JsonNode json) {
      super(fields);
      this.json = json;
    }

    @Override
    public String toString() {
      return CanonicalJson.write(json);
    }
  }

  private static final class PrintedList extends PyList {
    private final JsonNode json;

    PrintedList(List<Object> items, JsonNode json) {
      super(items);
      this.json = json;
    }

    @Override
    public String toString() {
      return CanonicalJson.write(json);
    }
  }
}
