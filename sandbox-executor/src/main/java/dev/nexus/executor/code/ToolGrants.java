package dev.nexus.executor.code;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.definition.MalformedJsonException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/// Which tools code may call by what it is granted: those of runtime values by `state`, all others
/// by `tools`. The same in every home.
public final class ToolGrants {
  /// What the names of tools begin with by which code has runtime values.
  private static final String STATE = "core.state.";

  /// How a refusal goes on behind what was asked for.
  public static final String REFUSED =
      " is not available: handle may depend on its input only, unless capabilities has ";

  /// What does nothing but get to know the server.
  private static final Set<String> PROTOCOL = Set.of("initialize", "ping", "tools/list");

  private static final String NOTIFICATION = "notifications/";

  private ToolGrants() {}

  /// Whether it may call any.
  public static boolean any(Set<Capability> granted) {
    return granted.contains(Capability.TOOLS) || granted.contains(Capability.STATE);
  }

  /// Why code may not call a tool; empty where it may.
  public static Optional<String> refusal(Set<Capability> granted, String tool) {
    Capability needed = tool.startsWith(STATE) ? Capability.STATE : Capability.TOOLS;
    return granted.contains(needed)
        ? Optional.empty()
        : Optional.of((needed == Capability.STATE ? "state" : "tool") + REFUSED + needed.text());
  }

  /// Why code may not send a message of MCP, which it wrote itself; empty where it may. Who may
  /// call some tool may say what clients say before they call one.
  public static Optional<String> refusal(Set<Capability> granted, byte[] message) {
    JsonNode read = read(new String(message, StandardCharsets.UTF_8));
    String method = read.path("method").asText();
    if (any(granted) && (PROTOCOL.contains(method) || method.startsWith(NOTIFICATION))) {
      return Optional.empty();
    }
    return refusal(
        granted, method.equals("tools/call") ? read.path("params").path("name").asText() : "");
  }

  private static JsonNode read(String message) {
    try {
      return CanonicalJson.read(message);
    } catch (MalformedJsonException e) {
      return MissingNode.getInstance();
    }
  }
}
