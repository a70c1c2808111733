package dev.nexus.projector.stream;

import java.time.Clock;

/// Names of generations. Their text order is their age, so that what is older can be swept.
public final class Generations {
  private Generations() {}

  /// A name newer than `known` ("" for none). Two projectors may choose the same at once: only one
  /// of them begins it.
  public static String after(String known, Clock clock) {
    long millis = clock.millis();
    if (known.length() == 11) {
      millis = Math.max(millis, Long.parseLong(known, 16) + 1);
    }
    return String.format("%011x", millis);
  }
}
