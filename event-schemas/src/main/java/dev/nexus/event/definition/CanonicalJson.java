package dev.nexus.event.definition;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import java.util.Map;
import java.util.TreeMap;

/// The one JSON form of a value: object keys sorted, no white space, numbers that are integers
/// written as integers. Equal values have equal text, so digests and comparisons are of text.
public final class CanonicalJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .visibility(
              com.fasterxml.jackson.annotation.PropertyAccessor.IS_GETTER,
              JsonAutoDetect.Visibility.NONE)
          .build();

  /// A few characters such as 1e999999999 must not become a gigabyte of digits.
  private static final int LARGEST_EXPONENT = 400;

  private CanonicalJson() {}

  /// Parses JSON text; throws `MalformedJsonException`, which says where it breaks, when it is
  /// none.
  public static JsonNode read(String text) {
    try {
      JsonNode node = MAPPER.readTree(text);
      if (node == null || node.isMissingNode()) {
        throw new MalformedJsonException();
      }
      return node;
    } catch (JsonProcessingException e) {
      throw MalformedJsonException.of(text, e);
    }
  }

  public static JsonNode read(Json json) {
    return read(json.text());
  }

  public static String write(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(sorted(node));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can always be written", e);
    }
  }

  /// Fingerprint of a value: SHA-256 of its canonical text.
  public static String fingerprint(Json json) {
    return NameIds.sha256(write(read(json)));
  }

  public static Json toJson(Object value) {
    return new Json(write(MAPPER.valueToTree(value)));
  }

  public static <T> T fromJson(Json json, Class<T> type) {
    try {
      return MAPPER.readValue(json.text(), type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          type.getSimpleName() + " expected: " + e.getOriginalMessage(), e);
    }
  }

  private static JsonNode sorted(JsonNode node) {
    if (node.isObject()) {
      Map<String, JsonNode> fields = new TreeMap<>();
      node.properties().forEach(e -> fields.put(e.getKey(), sorted(e.getValue())));
      var object = JsonNodeFactory.instance.objectNode();
      fields.forEach(object::set);
      return object;
    }
    if (node.isArray()) {
      var array = JsonNodeFactory.instance.arrayNode(node.size());
      node.forEach(item -> array.add(sorted(item)));
      return array;
    }
    if (node.isBigDecimal() || node.isDouble() || node.isFloat()) {
      var value = node.decimalValue().stripTrailingZeros();
      return value.scale() <= 0 && value.scale() >= -LARGEST_EXPONENT
          ? JsonNodeFactory.instance.numberNode(value.toBigInteger())
          : JsonNodeFactory.instance.numberNode(value);
    }
    return node;
  }
}
