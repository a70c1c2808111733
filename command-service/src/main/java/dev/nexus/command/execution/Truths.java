package dev.nexus.command.execution;

import dev.nexus.event.Json;
import dev.nexus.event.NameIds;

/// What was told of the right answer of an execution, in as little room as is needed to know a
/// repeat and to count.
///
/// @param told how many truths stand in the log
/// @param newest fingerprint of the newest one and of who told it; "" where there is none
public record Truths(int told, String newest) {
  public static final Truths NONE = new Truths(0, "");

  /// Most truths of one execution. Each is a fact, and an execution is one value on the shelf of
  /// the router and in the projection, so that this bounds what a fact of it costs.
  public static final int MOST = 100;

  Truths and(Json output, String teller) {
    return new Truths(told + 1, fingerprint(output, teller));
  }

  /// Whether the newest one is this one. An older one that is told again is a change of mind.
  boolean endWith(Json output, String teller) {
    return newest.equals(fingerprint(output, teller));
  }

  boolean full() {
    return told >= MOST;
  }

  private static String fingerprint(Json output, String teller) {
    return NameIds.sha256(teller + "\n" + output.text());
  }
}
