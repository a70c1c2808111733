package dev.nexus.command.definition;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.command.definition.Located.Field;
import dev.nexus.command.definition.Located.Fields;
import dev.nexus.command.definition.Located.Items;
import dev.nexus.command.definition.Located.Mark;
import dev.nexus.command.definition.Located.Scalar;
import dev.nexus.event.definition.MalformedJsonException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads JSON with the place of every value.
final class JsonFile {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final String file;
  private final JsonParser parser;

  private JsonFile(String file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  static Located read(String file, String text) throws FileSyntaxException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      JsonFile reader = new JsonFile(file, parser);
      if (parser.nextToken() == null) {
        throw new FileSyntaxException(new Mark(file, 1, 1), "expected JSON, found an empty file");
      }
      Located root = reader.value();
      if (parser.nextToken() != null) {
        throw new FileSyntaxException(reader.mark(), "expected the end, found more after the JSON");
      }
      return root;
    } catch (JsonProcessingException e) {
      var broken = MalformedJsonException.of(text, e);
      throw new FileSyntaxException(
          new Mark(file, Math.max(1, broken.line()), Math.max(1, broken.column())),
          "expected JSON, found " + broken.what());
    } catch (IOException e) {
      throw new IllegalStateException("text in memory can be read", e);
    }
  }

  private Located value() throws IOException, FileSyntaxException {
    Mark mark = mark();
    return switch (parser.currentToken()) {
      case START_OBJECT -> new Fields(mark, fields());
      case START_ARRAY -> {
        List<Located> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value());
        }
        yield new Items(mark, items);
      }
      default -> new Scalar(mark, scalar());
    };
  }

  private Map<String, Field> fields() throws IOException, FileSyntaxException {
    Map<String, Field> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      Mark mark = mark();
      String name = parser.currentName();
      parser.nextToken();
      if (fields.putIfAbsent(name, new Field(mark, value())) != null) {
        throw new FileSyntaxException(mark, "the field " + name + " stands here twice");
      }
    }
    return fields;
  }

  private JsonNode scalar() throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_STRING -> JSON.textNode(parser.getText());
      case VALUE_NUMBER_INT -> JSON.numberNode(parser.getBigIntegerValue());
      case VALUE_NUMBER_FLOAT -> JSON.numberNode(parser.getDecimalValue());
      case VALUE_TRUE -> JSON.booleanNode(true);
      case VALUE_FALSE -> JSON.booleanNode(false);
      default -> JSON.nullNode();
    };
  }

  private Mark mark() {
    return mark(file, parser.currentTokenLocation());
  }

  private static Mark mark(String file, JsonLocation at) {
    return at == null
        ? new Mark(file, 1, 1)
        : new Mark(file, Math.max(1, at.getLineNr()), Math.max(1, at.getColumnNr()));
  }
}
