package dev.nexus.executor.code;

import java.time.Duration;

/// What one call of code may use.
///
/// @param memoryBytes linear memory of the engine, rounded down to pages of 64 KiB
/// @param outputBytes UTF-8 bytes of the result
public record CodeLimits(Duration time, int memoryBytes, int outputBytes) {
  public static final CodeLimits DEFAULT =
      new CodeLimits(Duration.ofSeconds(2), 64 << 20, 256 << 10);

  public CodeLimits {
    if (time.isNegative() || time.isZero() || memoryBytes < 4 << 20 || outputBytes < 1) {
      throw new IllegalArgumentException(
          "code needs time, 4 MiB of memory and room for its output, found "
              + time
              + ", "
              + memoryBytes
              + ", "
              + outputBytes);
    }
  }

  /// The same limits with no more than `time`.
  public CodeLimits within(Duration most) {
    return most.isPositive() && most.compareTo(time) < 0
        ? new CodeLimits(most, memoryBytes, outputBytes)
        : this;
  }
}
