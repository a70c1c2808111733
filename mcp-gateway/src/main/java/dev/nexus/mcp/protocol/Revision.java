package dev.nexus.mcp.protocol;

import java.util.List;
import java.util.stream.Stream;

/// Revisions of the protocol that are spoken here.
public final class Revision {
  /// Every request carries its revision and capabilities; there is no handshake.
  public static final String MODERN = "2026-07-28";

  /// Those that begin with `initialize`, newest first.
  public static final List<String> LEGACY =
      List.of("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05");

  /// All of them, newest first.
  public static final List<String> ALL = Stream.concat(Stream.of(MODERN), LEGACY.stream()).toList();

  private Revision() {}

  /// What `initialize` agrees on: the revision asked for, else the newest with a handshake.
  static String agreed(String wanted) {
    return LEGACY.contains(wanted) ? wanted : LEGACY.getFirst();
  }
}
