package dev.nexus.executor.wasm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.definition.MalformedJsonException;
import dev.nexus.executor.code.Asked;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.ToolGrants;
import dev.nexus.executor.code.Tools;
import dev.nexus.executor.pool.Alarm;
import dev.nexus.executor.pool.WorkPool;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a guest may ask of its host in one call beside its input, as its component grants it. It is
/// asked here whether it is granted, whatever the guest's own code makes of that.
final class HostCalls {
  /// Of one call of a tool. The guest's own time stands still meanwhile.
  static final Duration TOOL_TIME = Duration.ofSeconds(30);

  /// A tool may be called so often by one call of code.
  static final int MOST_TOOL_CALLS = 100;

  /// Nothing is granted.
  static final HostCalls NONE = new HostCalls(null, null, TOOL_TIME);

  private static final SecureRandom CHANCE = new SecureRandom();
  private static final Clock CLOCK = Clock.systemUTC();

  private final @Nullable CodeCall call;
  private final @Nullable Tools tools;
  private final Duration toolTime;
  private final Asked asked = new Asked();
  private final long begun = System.nanoTime();
  private int calls;

  private HostCalls(@Nullable CodeCall call, @Nullable Tools tools, Duration toolTime) {
    this.call = call;
    this.tools = tools;
    this.toolTime = toolTime;
  }

  /// @param toolTime of one call of a tool
  static HostCalls of(CodeCall call, Tools tools, Duration toolTime) {
    return call.granted().isEmpty() ? NONE : new HostCalls(call, tools, toolTime);
  }

  boolean grants(Capability capability) {
    return call != null && call.granted().contains(capability);
  }

  /// How a guest is refused that asks for something.
  static String refusal(String what, Capability capability) {
    return "PermissionError: " + unavailable(what, capability);
  }

  static String unavailable(String what, Capability capability) {
    return what + ToolGrants.REFUSED + capability.text();
  }

  /// Whether a guest that failed with these words asked for what it is not granted. One that says
  /// so without need fools nobody but its own application.
  static boolean isRefusal(String words) {
    return words.startsWith("PermissionError") || words.contains(ToolGrants.REFUSED);
  }

  /// Whether it may call some tool.
  boolean grantsTools() {
    return call != null && ToolGrants.any(call.granted());
  }

  /// Names of what is granted, with commas between them; "" for nothing.
  String granted() {
    return call == null
        ? ""
        : String.join(",", call.granted().stream().map(Capability::text).sorted().toList());
  }

  /// Nanoseconds since the epoch.
  static long now() {
    return CLOCK.millis() * 1_000_000;
  }

  static byte[] chance(int bytes) {
    byte[] random = new byte[bytes];
    CHANCE.nextBytes(random);
    return random;
  }

  /// Calls a tool; `{"value": …}` or `{"error": "…"}` comes back, an error with a word for machines
  /// as its `problem` where there is one.
  ///
  /// @param arguments JSON
  /// @param alarm of the guest, which rests meanwhile
  byte[] tool(String name, String arguments, Alarm alarm) throws InterruptedException {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    Set<Capability> granted = call == null ? Set.of() : call.granted();
    // By the whole message, as the gateway reads it: arguments are the guest's own text, which may
    // name another tool.
    byte[] message = message(name, arguments);
    Optional<String> refusal = ToolGrants.refusal(granted, message);
    if (call == null || tools == null || refusal.isPresent()) {
      answer.put("error", "PermissionError: " + refusal.orElse("there are no tools"));
    } else if (++calls > MOST_TOOL_CALLS) {
      answer.put("error", "at most " + MOST_TOOL_CALLS + " calls of tools expected of one call");
    } else if (message.length > Tools.LARGEST_MESSAGE) {
      answer.put("error", "arguments of at most 1 MiB expected");
    } else {
      take(sent(tools, call, message, alarm), answer);
    }
    return answer.toString().getBytes(StandardCharsets.UTF_8);
  }

  private Tools.Reply sent(Tools to, CodeCall by, byte[] message, Alarm alarm)
      throws InterruptedException {
    try (Alarm.Pause _ = alarm.pause();
        WorkPool.Aside _ = WorkPool.aside()) {
      return to.send(by, asked, message, patience(by));
    }
  }

  /// No longer than the task itself may take.
  private Duration patience(CodeCall by) {
    Duration most = by.task().body().limits().timeout();
    Duration left = most.minusNanos(System.nanoTime() - begun);
    return most.isPositive() && left.compareTo(toolTime) < 0
        ? left.isPositive() ? left : Duration.ofMillis(1)
        : toolTime;
  }

  private byte[] message(String name, String arguments) {
    ObjectNode message = JsonNodeFactory.instance.objectNode();
    message.put("jsonrpc", "2.0").put("id", calls + 1).put("method", "tools/call");
    message.putObject("params").put("name", name).putRawValue("arguments", new RawValue(arguments));
    return message.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void take(Tools.Reply reply, ObjectNode answer) {
    JsonNode body;
    try {
      body = CanonicalJson.read(new String(reply.body(), StandardCharsets.UTF_8));
    } catch (MalformedJsonException e) {
      answer.put("error", "the gateway answers with " + reply.status() + " and no JSON");
      return;
    }
    JsonNode result = body.path("result");
    if (!result.isObject()) {
      JsonNode said = body.path("error").path("message");
      answer.put(
          "error",
          said.isTextual()
              ? said.textValue()
              : body.path("detail").asText("the gateway answers with " + reply.status()));
    } else if (result.path("isError").asBoolean()) {
      answer.put("error", text(result));
      JsonNode problem = result.path("_meta").path("dev.nexus/problem");
      if (problem.isTextual()) {
        answer.set("problem", problem);
      }
    } else {
      answer.set("value", value(result));
    }
  }

  private static String text(JsonNode result) {
    var text = new StringBuilder();
    result.path("content").forEach(part -> text.append(part.path("text").asText("")));
    return text.toString();
  }

  /// A tool of this platform says whether its text is one or JSON; of others it is one where
  /// nothing better came.
  private static JsonNode value(JsonNode result) {
    String text = text(result);
    if (result.path("_meta").path("dev.nexus/output").asText("").equals("json")) {
      return CanonicalJson.read(text);
    }
    JsonNode structured = result.path("structuredContent");
    return structured.isMissingNode() || result.path("_meta").has("dev.nexus/output")
        ? JsonNodeFactory.instance.textNode(text)
        : structured;
  }
}
