package dev.nexus.mcp.protocol;

/// What goes back over HTTP.
///
/// @param body JSON text, or "" for none
public record McpAnswer(int httpStatus, String body) {
  /// For notifications, which have no response.
  static final McpAnswer ACCEPTED = new McpAnswer(202, "");
}
