package dev.nexus.command.expression;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON as values of CEL, and back. Whole numbers of up to 64 bits are CEL's `int`, all others
/// `double`.
final class CelJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /// What a value may have as JSON, in values and characters: shared parts of it are written out.
  private static final int LARGEST = 1 << 20;

  private long left = LARGEST;

  private CelJson() {}

  static Object fromJson(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> {
        Map<String, Object> fields = new LinkedHashMap<>();
        node.properties().forEach(e -> fields.put(e.getKey(), fromJson(e.getValue())));
        yield fields;
      }
      case ARRAY -> {
        List<Object> items = new ArrayList<>(node.size());
        node.forEach(item -> items.add(fromJson(item)));
        yield items;
      }
      case STRING, BINARY -> node.asText();
      case BOOLEAN -> node.booleanValue();
      case NUMBER ->
          node.isIntegralNumber() && node.canConvertToLong()
              ? (Object) node.longValue()
              : (Object) node.doubleValue();
      case NULL, MISSING, POJO -> NullValue.NULL_VALUE;
    };
  }

  static JsonNode toJson(@Nullable Object value) throws NotEvaluatedException {
    return new CelJson().json(value);
  }

  private JsonNode json(@Nullable Object value) throws NotEvaluatedException {
    take(1);
    return switch (value) {
      case null -> JSON.nullNode();
      case NullValue _ -> JSON.nullNode();
      case Boolean truth -> JSON.booleanNode(truth);
      case Long whole -> JSON.numberNode(whole);
      case UnsignedLong whole -> JSON.numberNode(whole.bigIntegerValue());
      case Double real -> number(real);
      case String text -> text(text);
      case Instant at -> text(at.toString());
      case Duration time -> text(seconds(time));
      case CelByteString bytes -> text(Base64.getEncoder().encodeToString(bytes.toByteArray()));
      case List<?> list -> {
        ArrayNode items = JSON.arrayNode();
        for (Object item : list) {
          items.add(json(item));
        }
        yield items;
      }
      case Map<?, ?> map -> object(map);
      default -> throw new NotEvaluatedException("a value of JSON expected, found " + value);
    };
  }

  private JsonNode object(Map<?, ?> map) throws NotEvaluatedException {
    ObjectNode fields = JSON.objectNode();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!(entry.getKey() instanceof String name)) {
        throw new NotEvaluatedException("names of fields are texts, found " + entry.getKey());
      }
      take(name.length());
      fields.set(name, json(entry.getValue()));
    }
    return fields;
  }

  private static JsonNode number(double real) throws NotEvaluatedException {
    if (!Double.isFinite(real)) {
      throw new NotEvaluatedException("a finite number expected, found " + real);
    }
    return JSON.numberNode(real);
  }

  private JsonNode text(String text) throws NotEvaluatedException {
    take(text.length());
    return JSON.textNode(text);
  }

  /// As JSON writes durations elsewhere: `1.5s`.
  private static String seconds(Duration time) {
    return new java.math.BigDecimal(time.getSeconds())
            .add(java.math.BigDecimal.valueOf(time.getNano(), 9))
            .stripTrailingZeros()
            .toPlainString()
        + "s";
  }

  private void take(long size) throws NotEvaluatedException {
    left -= size;
    if (left < 0) {
      throw new NotEvaluatedException("its value has more than " + LARGEST + " characters");
    }
  }
}
