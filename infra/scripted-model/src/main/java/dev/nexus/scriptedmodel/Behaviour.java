package dev.nexus.scriptedmodel;

import java.time.Duration;
import java.util.Locale;

/// Everything that is set about how the model behaves. Equal settings give equal behaviour.
///
/// @param seed of every draw
/// @param medianLatency of the log-normal time to an answer
/// @param latencySpread standard deviation of its logarithm; 0.35 puts p99 at 2.3 times the median
/// @param slowFactor how many times longer a slow answer takes
public record Behaviour(
    long seed, Duration medianLatency, double latencySpread, double slowFactor, FaultRates rates) {
  public static final Behaviour DEFAULT =
      new Behaviour(7, Duration.ofMillis(400), 0.35, 8, FaultRates.DEFAULT);

  public Behaviour {
    if (medianLatency.isNegative() || latencySpread < 0 || slowFactor < 1) {
      throw new IllegalArgumentException(
          "latency and spread must not be negative, slowFactor at least 1");
    }
  }

  /// Answers at once and always right: what a test of something else wants.
  public static Behaviour flawless(long seed) {
    return new Behaviour(seed, Duration.ZERO, 0, 1, FaultRates.NONE);
  }

  public Behaviour withSeed(long newSeed) {
    return new Behaviour(newSeed, medianLatency, latencySpread, slowFactor, rates);
  }

  public Behaviour withMedianLatency(Duration newLatency) {
    return new Behaviour(seed, newLatency, latencySpread, slowFactor, rates);
  }

  public Behaviour withRates(FaultRates newRates) {
    return new Behaviour(seed, medianLatency, latencySpread, slowFactor, newRates);
  }

  /// One line for people that says these figures are set.
  public String describe() {
    return String.format(
        Locale.ROOT,
        "scripted model, error rate and latency set, not measured: seed %d, median latency %d ms (log-normal, sigma %.2f),"
            + " wrong %s, 429 %s, 5xx %s, malformed %s, slow %s (x%.0f)",
        seed,
        medianLatency.toMillis(),
        latencySpread,
        percent(rates.wrong()),
        percent(rates.rateLimited()),
        percent(rates.serverError()),
        percent(rates.malformed()),
        percent(rates.slow()),
        slowFactor);
  }

  private static String percent(double rate) {
    return String.format(Locale.ROOT, "%.1f %%", rate * 100);
  }
}
