package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Map;

/// Where commands print: answers to `out`, everything about them to `err`.
public record Terminal(PrintWriter out, PrintWriter err, Map<String, String> environment) {
  public Terminal {
    environment = Map.copyOf(environment);
  }

  /// Prints a line of the answer.
  public void print(String line) {
    out.println(line);
    out.flush();
  }

  /// Prints JSON, indented, for people and programs alike.
  public void print(JsonNode json) {
    print(json.toPrettyString());
  }

  /// Tells what goes on, beside the answer.
  public void tell(String line) {
    err.println(line);
    err.flush();
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
