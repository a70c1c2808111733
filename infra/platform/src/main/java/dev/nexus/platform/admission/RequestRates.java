package dev.nexus.platform.admission;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// How many requests each key or integration may make here: a bucket each, refilled all the time.
/// The buckets are this instance's own, so two instances let twice as much pass. Only who was
/// authenticated gets one, and where there are many, those of keys that rest are forgotten.
final class RequestRates {
  /// From so many on, a full bucket is forgotten: one that is made anew is full too.
  static final int MANY = 10_000;

  private final int perSecond;
  private final int burst;
  private final TimeMeter time;
  private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

  /// @param perSecond requests a second; 0 for no limit
  /// @param burst most at once after a rest; 0 for those of a second
  RequestRates(int perSecond, int burst, TimeMeter time) {
    this.perSecond = perSecond;
    this.burst = burst == 0 ? perSecond : burst;
    this.time = time;
  }

  int perSecond() {
    return perSecond;
  }

  /// Takes `requests` when one is left, and gives zero; else takes none and says how long it is
  /// until one is there. So a batch that is larger than what is left passes, and is paid off by
  /// those that come after it.
  Duration take(String who, int requests) {
    if (perSecond == 0) {
      return Duration.ZERO;
    }
    Bucket bucket = bucket(who);
    ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
    if (!probe.isConsumed()) {
      return Duration.ofNanos(probe.getNanosToWaitForRefill());
    }
    if (requests > 1) {
      bucket.consumeIgnoringRateLimits(requests - 1L);
    }
    return Duration.ZERO;
  }

  /// Takes a request in any case and says how long to wait before the next one is begun.
  Duration charge(String who) {
    return perSecond == 0
        ? Duration.ZERO
        : Duration.ofNanos(bucket(who).consumeIgnoringRateLimits(1));
  }

  /// How many have a bucket.
  int known() {
    return buckets.size();
  }

  private Bucket bucket(String who) {
    if (buckets.size() >= MANY && !buckets.containsKey(who)) {
      buckets.values().removeIf(bucket -> bucket.getAvailableTokens() >= burst);
    }
    return buckets.computeIfAbsent(
        who,
        _ ->
            Bucket.builder()
                .addLimit(
                    limit -> limit.capacity(burst).refillGreedy(perSecond, Duration.ofSeconds(1)))
                .withCustomTimePrecision(time)
                .build());
  }
}
