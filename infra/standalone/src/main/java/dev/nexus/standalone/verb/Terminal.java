package dev.nexus.standalone.verb;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Map;

/// Where commands print: answers to `out`, everything about them to `err`.
public record Terminal(PrintWriter out, PrintWriter err, Map<String, String> environment) {
  /// Indented, and ten as 10 and not as 1E+1.
  private static final ObjectWriter JSON =
      new ObjectMapper()
          .enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN)
          .writerWithDefaultPrettyPrinter();

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
    try {
      print(JSON.writeValueAsString(json));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can always be written", e);
    }
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
