package dev.nexus.platform.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// One thing that is wrong with a request: where, what was expected, what was found. Absent parts
/// are "" or 0.
///
/// @param pointer JSON Pointer into the body
/// @param file file of a definition, with line and column from 1
/// @param nearest names that may have been meant
public record Fault(
    String pointer,
    String file,
    int line,
    int column,
    String detail,
    String expected,
    String found,
    List<String> nearest) {

  public Fault {
    nearest = List.copyOf(nearest);
  }

  /// A fault in a JSON body.
  public static Fault at(String pointer, String detail, String expected, String found) {
    return new Fault(pointer, "", 0, 0, detail, expected, found, List.of());
  }

  /// As one line for a person.
  public String sentence() {
    StringBuilder text = new StringBuilder();
    if (!file.isEmpty()) {
      text.append(file);
      if (line > 0) {
        text.append(':').append(line).append(':').append(column);
      }
      text.append(": ");
    } else if (!pointer.isEmpty()) {
      text.append(pointer).append(": ");
    }
    text.append(detail);
    if (!expected.isEmpty()) {
      text.append(": expected ").append(expected);
    }
    if (!found.isEmpty()) {
      text.append(", found ").append(found);
    }
    if (!nearest.isEmpty()) {
      text.append("; did you mean ").append(String.join(" or ", nearest)).append('?');
    }
    return text.toString();
  }

  /// As it stands in the `errors` of an answer.
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (!file.isEmpty()) {
      json.put("file", file);
    }
    if (line > 0) {
      json.put("line", line).put("column", column);
    }
    if (file.isEmpty()) {
      json.put("pointer", pointer);
    }
    json.put("detail", detail);
    if (!expected.isEmpty()) {
      json.put("expected", expected);
    }
    if (!found.isEmpty()) {
      json.put("found", found);
    }
    if (!nearest.isEmpty()) {
      nearest.forEach(json.putArray("nearest")::add);
    }
    return json;
  }
}
