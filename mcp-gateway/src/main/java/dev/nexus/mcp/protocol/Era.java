package dev.nexus.mcp.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.mcp.protocol.Message.Request;
import java.util.Set;

/// Which rules a request follows. Nothing is remembered between requests: each says it itself.
enum Era {
  /// Revision and capabilities in `_meta` of every request.
  MODERN,
  /// `initialize` first.
  LEGACY;

  private static final String PREFIX = "io.modelcontextprotocol/";
  static final String META_REVISION = PREFIX + "protocolVersion";
  static final String META_CAPABILITIES = PREFIX + "clientCapabilities";
  static final String META_SERVER = PREFIX + "serverInfo";

  private static final Set<String> NAMED = Set.of("tools/call", "prompts/get", "resources/read");

  /// The era of a request that keeps its rules; throws `RpcException` when it breaks them.
  static Era of(Request request, McpHeaders headers) {
    boolean modern =
        headers.revision().equals(Revision.MODERN)
            || request.params().path("_meta").has(META_REVISION)
            || request.method().equals("server/discover");
    if (modern) {
      checkMeta(request, headers);
      checkHeaders(request, headers);
      return MODERN;
    }
    if (!headers.revision().isEmpty()
        && !request.method().equals("initialize")
        && !Revision.LEGACY.contains(headers.revision())) {
      throw new RpcException(RpcError.unsupportedRevision(headers.revision()));
    }
    return LEGACY;
  }

  private static void checkMeta(Request request, McpHeaders headers) {
    JsonNode revision = request.meta(META_REVISION);
    if (!revision.isTextual()) {
      throw new RpcException(RpcError.incompleteMeta(META_REVISION));
    }
    requireSame("MCP-Protocol-Version", headers.revision(), revision.textValue());
    if (!revision.textValue().equals(Revision.MODERN)) {
      throw new RpcException(RpcError.unsupportedRevision(revision.textValue()));
    }
    if (!request.meta(META_CAPABILITIES).isObject()) {
      throw new RpcException(RpcError.incompleteMeta(META_CAPABILITIES));
    }
  }

  private static void checkHeaders(Request request, McpHeaders headers) {
    requireSame("Mcp-Method", headers.method(), request.method());
    if (NAMED.contains(request.method())) {
      String field = request.method().equals("resources/read") ? "uri" : "name";
      String found =
          headers
              .decodedName()
              .orElseThrow(
                  () -> new RpcException(RpcError.headerMismatch("Mcp-Name is not Base64")));
      requireSame("Mcp-Name", found, request.params().path(field).asText());
    }
  }

  private static void requireSame(String header, String found, String expected) {
    if (found.isEmpty() && !expected.isEmpty()) {
      throw new RpcException(RpcError.headerMismatch(header + " is missing"));
    }
    if (!found.equals(expected)) {
      throw new RpcException(
          RpcError.headerMismatch(
              header + " is '" + found + "', the body says '" + expected + "'"));
    }
  }
}
