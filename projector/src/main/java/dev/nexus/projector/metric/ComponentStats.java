package dev.nexus.projector.metric;

import dev.nexus.event.task.Role;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// Counters of one component, or of several added up, and what follows from them.
public record ComponentStats(Map<String, Long> counters) {
  private static final String LATENCY = ".latency.";

  /// These and the counters of another component.
  public ComponentStats plus(ComponentStats other) {
    Map<String, Long> sum = new HashMap<>(counters);
    other.counters.forEach((name, count) -> sum.merge(name, count, Long::sum));
    return new ComponentStats(sum);
  }

  public static ComponentStats none() {
    return new ComponentStats(Map.of());
  }

  public long count(String name) {
    return counters.getOrDefault(name, 0L);
  }

  /// Counts whose name begins with `prefix`, by the rest of the name.
  public Map<String, Long> startingWith(String prefix) {
    Map<String, Long> found = new TreeMap<>();
    counters.forEach(
        (name, count) -> {
          if (name.startsWith(prefix)) {
            found.put(name.substring(prefix.length()), count);
          }
        });
    return found;
  }

  public long succeeded(String tier) {
    return count(tier + ".succeeded");
  }

  /// Calls this tier ended, one way or another.
  public long ended(String tier) {
    return succeeded(tier)
        + count(tier + ".failed")
        + count(tier + ".cancelled")
        + count(tier + ".timedOut");
  }

  /// Over all tiers.
  public long everywhere(String what) {
    return counters.entrySet().stream()
        .filter(e -> e.getKey().endsWith("." + what))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /// Latency in milliseconds that a share of this tier's calls did not exceed.
  public long latencyQuantile(String tier, double share) {
    Map<Integer, Long> buckets = new HashMap<>();
    startingWith(tier + LATENCY)
        .forEach((bucket, count) -> buckets.put(Integer.parseInt(bucket), count));
    return LatencyBuckets.quantile(buckets, share);
  }

  /// Mean latency in milliseconds, exact.
  public double latencyMean(String tier) {
    long ended = ended(tier);
    return ended == 0 ? 0 : (double) count(tier + ".latencyMs") / ended;
  }

  public long compared(String tier) {
    return count(tier + ".agreed") + count(tier + ".disagreed");
  }

  /// Share of compared answers that agreed with the truth; 0 when none was compared.
  public double accuracy(String tier) {
    long compared = compared(tier);
    return compared == 0 ? 0 : (double) count(tier + ".agreed") / compared;
  }

  /// Share of succeeded calls that code answered.
  public double servedByCode() {
    long succeeded = everywhere("succeeded");
    return succeeded == 0 ? 0 : (double) succeeded("CODE") / succeeded;
  }

  /// Inputs that code was to answer for a caller and declined; `deopts` has those of shadows too.
  public long declined() {
    return Arrays.stream(Role.values())
        .filter(Role::servesCaller)
        .mapToLong(role -> count(role.name() + ".deoptimisedTasks"))
        .sum();
  }

  /// Answers the model gave beside code that served.
  public long audits() {
    return count(Role.AUDIT.name() + ".tasks");
  }

  /// Tokens of all tasks, shadows and audits included.
  public long tokensSpent() {
    return everywhere("promptTokens") + everywhere("completionTokens");
  }

  /// Estimate: what the calls that code answered would have taken, had each been a mean one.
  public long tokensSaved() {
    return saved(serving("promptTokens") + serving("completionTokens"));
  }

  /// In millionths of the price table's currency.
  public long costMicrosSpent() {
    return everywhere("costMicros");
  }

  /// Estimate, like `tokensSaved`.
  public long costMicrosSaved() {
    return saved(serving("costMicros"));
  }

  private long serving(String what) {
    return count("SERVE." + what) + count("FALLBACK." + what);
  }

  private long saved(long spentOnService) {
    long byModel = succeeded("MODEL");
    return byModel == 0 ? 0 : Math.round((double) spentOnService / byModel * succeeded("CODE"));
  }
}
