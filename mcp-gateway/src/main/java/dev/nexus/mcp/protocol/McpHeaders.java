package dev.nexus.mcp.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/// The headers of a request that repeat what its body says; "" where one is missing.
///
/// @param revision `MCP-Protocol-Version`
/// @param method `Mcp-Method`
/// @param name `Mcp-Name`, as sent
public record McpHeaders(String revision, String method, String name) {
  private static final String ENCODED_START = "=?base64?";
  private static final String ENCODED_END = "?=";

  /// The name as meant; empty when its encoding is broken.
  Optional<String> decodedName() {
    if (!name.startsWith(ENCODED_START) || !name.endsWith(ENCODED_END)) {
      return Optional.of(name);
    }
    String encoded =
        name.substring(
            ENCODED_START.length(),
            Math.max(ENCODED_START.length(), name.length() - ENCODED_END.length()));
    try {
      return Optional.of(new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
