package dev.nexus.platform.service;

/// A bean of a process to which callers come. Only there runs what their calls need: who waits for
/// answers, and who follows how far others are behind. Other processes need not be allowed to
/// read any of it.
///
/// @param road by which they come
public record TakesCalls(String road) {
  /// The road of tools.
  public static final String MCP = "MCP";

  public boolean isMcp() {
    return road.equals(MCP);
  }
}
