package dev.nexus.testkit;

/// How much tests that break things do: a little in every run, and this many times as much in a
/// soak. It counts for everything there is more or less of: rounds, callers, answers that are
/// waited for, restarts, kinds of junk.
public final class Scale {
  /// What a soak multiplies by.
  public static final int FACTOR = Seeds.SOAK ? 3 : 1;

  private Scale() {}

  /// As many as this run has time for.
  ///
  /// @param few what every run does
  public static int of(int few) {
    return few * FACTOR;
  }
}
