package dev.nexus.projector.metric;

import java.util.Map;

/// Fixed buckets of a latency histogram in milliseconds, at most 1/16 apart: 0 to 31 one by one,
/// then sixteen for every power of two. Fixed, so that histograms of partitions can be added.
public final class LatencyBuckets {
  private static final int LINEAR = 32;
  private static final int STEPS = 16;
  private static final long LARGEST = (1L << 40) - 1;

  private LatencyBuckets() {}

  public static int bucketOf(long millis) {
    long value = Math.clamp(millis, 0, LARGEST);
    if (value < LINEAR) {
      return (int) value;
    }
    int exponent = 63 - Long.numberOfLeadingZeros(value);
    int step = (int) (value >>> (exponent - 4)) & (STEPS - 1);
    return LINEAR + (exponent - 5) * STEPS + step;
  }

  /// Largest value of a bucket.
  public static long upperBound(int bucket) {
    if (bucket < LINEAR) {
      return bucket;
    }
    int exponent = (bucket - LINEAR) / STEPS + 5;
    int step = (bucket - LINEAR) % STEPS;
    return (1L << exponent) + ((step + 1L) << (exponent - 4)) - 1;
  }

  /// The value that a share of `counts` (bucket to count) does not exceed; 0 when there is none.
  public static long quantile(Map<Integer, Long> counts, double share) {
    long all = counts.values().stream().mapToLong(Long::longValue).sum();
    long rank = Math.max(1, (long) Math.ceil(all * share));
    long seen = 0;
    for (int bucket : counts.keySet().stream().sorted().toList()) {
      seen += counts.getOrDefault(bucket, 0L);
      if (seen >= rank) {
        return upperBound(bucket);
      }
    }
    return 0;
  }
}
