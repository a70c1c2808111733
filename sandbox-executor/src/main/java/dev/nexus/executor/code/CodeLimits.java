package dev.nexus.executor.code;

import java.time.Duration;

/// What one call of code may use.
///
/// @param memoryBytes linear memory of the engine, rounded down to pages of 64 KiB
/// @param outputBytes UTF-8 bytes of the result
/// @param steps jumps and calls, rounded up to 10,000: in JavaScript, which counts them, code
///     that runs into this limit does so on every machine; what is done inside one step, as a sort,
///     is bounded by time alone
public record CodeLimits(Duration time, int memoryBytes, int outputBytes, long steps) {
  private static final long STEPS = 20_000_000;
  private static final Duration MARGIN = Duration.ofMillis(250);

  public static final CodeLimits DEFAULT =
      new CodeLimits(Duration.ofSeconds(2), 64 << 20, 256 << 10);

  /// The same with as many steps as are usual.
  public CodeLimits(Duration time, int memoryBytes, int outputBytes) {
    this(time, memoryBytes, outputBytes, STEPS);
  }

  public CodeLimits {
    if (time.isNegative()
        || time.isZero()
        || memoryBytes < 4 << 20
        || outputBytes < 1
        || steps < 1) {
      throw new IllegalArgumentException(
          "code needs time, 4 MiB of memory, room for its output and steps, found "
              + time
              + ", "
              + memoryBytes
              + ", "
              + outputBytes
              + ", "
              + steps);
    }
  }

  /// The same limits for code that may take as long as its task. The runner of a container ends it
  /// a little sooner, so that its container need not be ended for it.
  public CodeLimits lasting(Duration most) {
    Duration margin = min(most.dividedBy(10), MARGIN);
    return most.isPositive()
        ? new CodeLimits(most.minus(margin), memoryBytes, outputBytes, steps)
        : this;
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /// The same limits with no more than `time`.
  public CodeLimits within(Duration most) {
    return most.isPositive() && most.compareTo(time) < 0
        ? new CodeLimits(most, memoryBytes, outputBytes, steps)
        : this;
  }
}
