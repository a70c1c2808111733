package dev.nexus.executor;

import java.util.List;
import java.util.stream.IntStream;

/// Judges how long calls took on a machine that also does something else: by the middle of several
/// stretches, so that one that the machine was slow in says nothing.
public final class Stretches {
  /// A neighbour of hostile code may wait so many times as long as without it: for its processor,
  /// as machines of tests have few, and not for an end of theirs, which takes a second.
  public static final int MOST_TIMES = 50;

  private static final int CALLS = 50;

  private Stretches() {}

  /// Calls that five stretches need.
  public static final int ENOUGH = 5 * CALLS;

  /// The middle one of the 99th percentiles of all stretches.
  public static long p99(List<Long> micros) {
    List<Long> all =
        IntStream.range(0, micros.size() / CALLS)
            .mapToObj(i -> micros.subList(i * CALLS, (i + 1) * CALLS))
            .map(stretch -> stretch.stream().sorted().toList().get(CALLS * 99 / 100 - 1))
            .sorted()
            .toList();
    if (all.isEmpty()) {
      throw new IllegalArgumentException(CALLS + " calls expected, found " + micros.size());
    }
    return all.get(all.size() / 2);
  }
}
