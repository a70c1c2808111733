package dev.nexus.mcp.application;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.mcp.protocol.Tool;
import dev.nexus.mcp.protocol.ToolCall;
import dev.nexus.mcp.protocol.ToolResult;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.call.RuntimeValues;
import dev.nexus.platform.call.RuntimeValues.Changed;
import dev.nexus.platform.call.RuntimeValues.Value;
import dev.nexus.platform.call.RuntimeValues.ValueName;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The runtime values of an application as tools of its server.
public final class StateTools {
  /// What their names begin with. No component is called so.
  static final String PREFIX = "core.state.";

  private static final Json NULL = new Json("null");

  private final RuntimeValues values;
  private final Admission admission;

  public StateTools(RuntimeValues values, Admission admission) {
    this.values = values;
    this.admission = admission;
  }

  /// What can be done with a value.
  private enum Operation {
    GET(
        "get",
        "The value of a key of this application, with its version and when it ends. Where there is"
            + " none, found is false and the version 0.",
        """
        {"key": %s}
        """,
        """
        {"found": {"type": "boolean"}, "value": {}, "version": {"type": "integer"},
         "expiresAt": {"type": ["string", "null"]}}
        """),
    SET(
        "set",
        "Sets the value of a key, any JSON of at most 64 KiB. With expectedVersion it is set only"
            + " where the value has that version; 0: where there is none.",
        """
        {"key": %s, "value": {}, "ttlSeconds": %s, "expectedVersion": %s}
        """,
        """
        {"version": {"type": "integer"}}
        """),
    INCREMENT(
        "increment",
        "Adds to the whole number of a key, 1 where by is left out; no value counts as 0.",
        """
        {"key": %s, "by": {"type": "integer", "default": 1}, "ttlSeconds": %s}
        """,
        """
        {"value": {"type": "integer"}, "version": {"type": "integer"}}
        """),
    DELETE(
        "delete",
        "Deletes the value of a key; deleted is false where there was none.",
        """
        {"key": %s, "expectedVersion": %s}
        """,
        """
        {"deleted": {"type": "boolean"}}
        """);

    private static final String KEY =
        "{\"type\": \"string\", \"minLength\": 1, \"maxLength\": 256}";
    private static final String TTL =
        "{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 31536000,"
            + " \"description\": \"Seconds after which the value is gone; left out: never\"}";
    private static final String VERSION =
        "{\"type\": \"integer\", \"minimum\": 0,"
            + " \"description\": \"Version that the value must have; 0: there must be none\"}";

    private final String word;
    private final String description;
    private final JsonNode input;
    private final JsonNode output;

    Operation(String word, String description, String takes, String gives) {
      this.word = word;
      this.description = description;
      this.input =
          object(
              takes
                  .replaceFirst("%s", KEY)
                  .replace("\"ttlSeconds\": %s", "\"ttlSeconds\": " + TTL)
                  .replace("\"expectedVersion\": %s", "\"expectedVersion\": " + VERSION));
      this.output = object(gives);
      var required = ((ObjectNode) input).putArray("required").add(StateArguments.KEY);
      if (input.path("properties").has(StateArguments.VALUE)) {
        required.add(StateArguments.VALUE);
      }
      output
          .path("properties")
          .fieldNames()
          .forEachRemaining(((ObjectNode) output).withArray("/required")::add);
    }

    private static JsonNode object(String properties) {
      ObjectNode schema = JsonNodeFactory.instance.objectNode();
      schema.put("type", "object");
      schema.set("properties", CanonicalJson.read(properties));
      schema.put("additionalProperties", false);
      return schema;
    }

    String tool() {
      return PREFIX + word;
    }

    Set<String> arguments() {
      Set<String> names = new LinkedHashSet<>();
      input.path("properties").fieldNames().forEachRemaining(names::add);
      return names;
    }

    static Optional<Operation> named(String tool) {
      return Arrays.stream(values()).filter(one -> one.tool().equals(tool)).findFirst();
    }
  }

  List<Tool> listed() {
    return Arrays.stream(Operation.values())
        .map(
            one ->
                new Tool(
                    one.tool(),
                    "Runtime values: " + one.word,
                    one.description,
                    one.input,
                    Optional.of(one.output)))
        .toList();
  }

  /// What comes of a call; empty where none of these tools has its name.
  Optional<ToolResult> call(ToolCall call, Origin origin, String appId) {
    return Operation.named(call.name()).map(found -> called(found, call, origin, appId));
  }

  private ToolResult called(Operation operation, ToolCall call, Origin origin, String appId) {
    try {
      admission.count(origin.tenant(), origin.actor(), 1);
      var given = StateArguments.of(call.arguments(), operation.arguments());
      Optional<String> key =
          operation == Operation.GET ? Optional.empty() : CallMeta.idempotencyKey(call.meta());
      var name = new ValueName(CallMeta.traced(origin, call.meta()), appId, given.key(), key);
      return result(done(operation, name, given));
    } catch (ProblemException e) {
      return refused(e.problem());
    } catch (RequestNotAcceptedException e) {
      return ToolResult.error(e.getMessage() + "; try again", Map.of());
    }
  }

  private ObjectNode done(Operation operation, ValueName name, StateArguments given) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    switch (operation) {
      case GET -> {
        Optional<Value> value = values.get(name);
        answer.put("found", value.isPresent());
        answer.set("value", CanonicalJson.read(value.map(Value::content).orElse(NULL)));
        answer.put("version", value.map(Value::version).orElse(0L));
        answer.put(
            "expiresAt", value.flatMap(Value::expiresAt).map(Instant::toString).orElse(null));
      }
      case SET -> {
        answer.put("version", values.set(name, given.value(), given.terms()).version());
      }
      case INCREMENT -> {
        Changed changed = values.increment(name, given.by(), given.terms());
        answer.set("value", CanonicalJson.read(changed.content()));
        answer.put("version", changed.version());
      }
      case DELETE -> answer.put("deleted", values.delete(name, given.expectedVersion()));
    }
    return answer;
  }

  private static ToolResult result(ObjectNode answer) {
    return new ToolResult(
        false, answer.toString(), Optional.of(answer), Map.of(CallMeta.OURS + "output", "json"));
  }

  /// What was asked for cannot be, or not now: the model that called is told, and code by one word.
  private static ToolResult refused(Problem problem) {
    Map<String, String> meta = new HashMap<>();
    meta.put(CallMeta.OURS + "problem", problem.kind());
    problem.extensions().forEach((name, value) -> meta.put(CallMeta.OURS + name, value.asText()));
    return ToolResult.error(problem.detail(), meta);
  }
}
