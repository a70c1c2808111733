package dev.nexus.executor;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.Capability;
import dev.nexus.executor.code.Asked;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Tools;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// The tools of runtime values as a gateway answers for them, with the values in memory.
public final class ScriptedState implements Tools {
  /// What comes of `tour`, in every home and language.
  public static final String TOUR =
      "[null,1,{\"x\":[1,null]},2,3,1,-3,true,false,null,{\"value\":7,\"version\":3,\"expiresAt\":null}]";

  /// What comes of `conflict`.
  public static final String CONFLICT =
      "[\"ToolError\",\"version-conflict\",\"version 7 expected, found 1\"]";

  private record Held(JsonNode value, long version) {}

  private final Map<String, Held> values = new HashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private long version;

  /// Name and arguments of each call.
  public List<String> asked() {
    return asked;
  }

  public void forget() {
    values.clear();
    asked.clear();
    version = 0;
  }

  /// All that code can do with values.
  public static String tour(Language language) {
    return switch (language) {
      case JAVASCRIPT ->
          """
          async function handle(i) {
            return [
              await state.get('a'),
              await state.set('a', {x: [1, null]}),
              await state.get('a'),
              await state.set('a', 'text', {expectedVersion: 1}),
              await state.set('a', 7, {ttlSeconds: 60, expectedVersion: 2}),
              await state.increment('n'),
              await state.increment('n', -4),
              await state.delete('n'),
              await state.delete('n', {}),
              await state.entry('n'),
              await state.entry('a'),
            ];
          }
          """;
      case PYTHON ->
          """
          def handle(i):
              return [
                  state.get('a'),
                  state.set('a', {'x': [1, None]}),
                  state.get('a'),
                  state.set('a', 'text', expected_version=1),
                  state.set('a', 7, ttl_seconds=60, expected_version=2),
                  state.increment('n'),
                  state.increment('n', -4),
                  state.delete('n'),
                  state.delete('n'),
                  state.entry('n'),
                  state.entry('a'),
              ]
          """;
    };
  }

  @Override
  public synchronized Reply send(CodeCall by, Asked before, byte[] message, Duration patience) {
    JsonNode params = CanonicalJson.read(new String(message, UTF_8)).path("params");
    JsonNode given = params.path("arguments");
    asked.add(params.path("name").asText() + " " + CanonicalJson.write(given));
    String key = given.path("key").asText();
    Held held = values.get(key);
    if (given.has("expectedVersion")
        && given.path("expectedVersion").asLong() != (held == null ? 0 : held.version())) {
      return reply(
          true,
          "version %d expected, found %d"
              .formatted(
                  given.path("expectedVersion").asLong(), held == null ? 0 : held.version()));
    }
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    switch (params.path("name").asText()) {
      case "core.state.get" -> {
        answer.put("found", held != null);
        answer.set("value", held == null ? JsonNodeFactory.instance.nullNode() : held.value());
        answer.put("version", held == null ? 0 : held.version());
        answer.putNull("expiresAt");
      }
      case "core.state.set" -> {
        values.put(key, new Held(given.path("value"), ++version));
        answer.put("version", version);
      }
      case "core.state.increment" -> {
        long sum = (held == null ? 0 : held.value().asLong()) + given.path("by").asLong();
        values.put(key, new Held(JsonNodeFactory.instance.numberNode(sum), ++version));
        answer.put("value", sum).put("version", version);
      }
      case "core.state.delete" -> answer.put("deleted", values.remove(key) != null);
      default -> throw new IllegalArgumentException(params.toString());
    }
    return reply(false, answer.toString());
  }

  private static Reply reply(boolean isError, String text) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode result = body.putObject("result");
    result.putArray("content").addObject().put("type", "text").put("text", text);
    result.put("isError", isError);
    result
        .putObject("_meta")
        .put(
            isError ? "dev.nexus/problem" : "dev.nexus/output",
            isError ? "version-conflict" : "json");
    return new Reply(200, body.toString().getBytes(UTF_8));
  }

  public static String conflict(Language language) {
    return switch (language) {
      case JAVASCRIPT ->
          "async function handle(i) { await state.set('a', 1); try { await state.set('a', 2, {expectedVersion: 7}) } catch (e) { return [e.name, e.problem, e.message] } }";
      case PYTHON ->
          "def handle(i):\n  state.set('a', 1)\n  try: state.set('a', 2, expected_version=7)\n  except ToolError as e: return [type(e).__name__, e.problem, str(e)]";
    };
  }

  /// Code that asks for what the capability beside it does not grant.
  public static Map<String, Capability> ungranted(Language language) {
    return switch (language) {
      case JAVASCRIPT ->
          Map.of(
              "async function handle(i) { return await state.get('a') }", Capability.TOOLS,
              "async function handle(i) { return await state.increment('a') }", Capability.CLOCK,
              "async function handle(i) { return await tool('core.state.get', {key: 'a'}) }",
                  Capability.TOOLS,
              "async function handle(i) { return await tool('shout', {}) }", Capability.STATE);
      case PYTHON ->
          Map.of(
              "def handle(i): return state.get('a')", Capability.TOOLS,
              "def handle(i): return state.increment('a')", Capability.CLOCK,
              "def handle(i): return tool('core.state.get', {'key': 'a'})", Capability.TOOLS,
              "def handle(i): return tool('shout', {})", Capability.STATE);
    };
  }
}
