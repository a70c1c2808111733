package dev.nexus.scriptedmodel;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;

/// JSON as this server needs it: read, written, found inside prose, and fingerprinted by value.
public final class JsonText {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /// Reads one value where more text may follow.
  private static final ObjectReader VALUES =
      MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private JsonText() {}

  /// Parses a whole text; throws `IllegalArgumentException` when it is not one JSON value.
  public static JsonNode read(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("JSON expected: " + e.getOriginalMessage(), e);
    }
  }

  public static String write(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can always be written", e);
    }
  }

  /// SHA-256 of the value, whatever the order of its keys and the way its numbers are written.
  public static String fingerprint(JsonNode node) {
    try {
      byte[] text = write(sorted(node)).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is part of every Java runtime", e);
    }
  }

  /// The outermost objects and arrays that stand in a text, in order. Brackets that open no valid
  /// JSON are prose.
  public static List<JsonNode> findIn(String text) {
    var found = new ArrayList<JsonNode>();
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      int length = c == '{' || c == '[' ? addValueAt(text, at, found) : 0;
      at += Math.max(length, 1);
    }
    return found;
  }

  /// Adds the JSON value that begins at `start` and returns its length, or 0 when none does.
  private static int addValueAt(String text, int start, List<JsonNode> found) {
    var rest = new StringReader(text);
    try (JsonParser parser = MAPPER.createParser(rest)) {
      rest.skip(start);
      JsonNode value = VALUES.readTree(parser);
      if (value == null || value.isMissingNode()) {
        return 0;
      }
      found.add(value);
      return (int) parser.currentLocation().getCharOffset();
    } catch (IOException e) {
      return 0;
    }
  }

  private static JsonNode sorted(JsonNode node) {
    if (node.isObject()) {
      var fields = new TreeMap<String, JsonNode>();
      node.properties().forEach(field -> fields.put(field.getKey(), sorted(field.getValue())));
      var object = JsonNodeFactory.instance.objectNode();
      fields.forEach(object::set);
      return object;
    }
    if (node.isArray()) {
      var array = JsonNodeFactory.instance.arrayNode(node.size());
      node.forEach(item -> array.add(sorted(item)));
      return array;
    }
    if (node.isFloatingPointNumber()) {
      var value = node.decimalValue().stripTrailingZeros();
      return value.scale() <= 0
          ? JsonNodeFactory.instance.numberNode(value.toBigInteger())
          : JsonNodeFactory.instance.numberNode(value);
    }
    return node;
  }
}
