package dev.nexus.testkit;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// The seeds of tests that break things at random points: a new one for each run, two in a soak.
/// `-Dnexus.seed=7` repeats one, `-Dnexus.seed=7,8` two. Who uses one prints it.
public final class Seeds {
  /// Whether there is time for what takes long.
  public static final boolean SOAK = Boolean.getBoolean("nexus.soak");

  private Seeds() {}

  /// The seeds of this run, each of which a test goes through on its own.
  public static List<Long> ofRun() {
    String given = System.getProperty("nexus.seed", "");
    if (!given.isEmpty()) {
      return Arrays.stream(given.split(",", -1)).map(text -> parsed(text, given)).toList();
    }
    long first = System.nanoTime();
    return SOAK ? List.of(first, new Random(first).nextLong()) : List.of(first);
  }

  private static long parsed(String text, String given) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "-Dnexus.seed: whole numbers divided by commas expected, such as 7 or 7,8; found "
              + given,
          e);
    }
  }

  /// Says how to repeat a test.
  public static void print(String test, long seed) {
    System.out.println(test + ": seed " + seed + " (repeat with -Dnexus.seed=" + seed + ")");
  }
}
