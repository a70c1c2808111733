package dev.nexus.oracle.evidence;

/// The exact one-sided confidence bound of a disagreement rate after one look. For information
/// only: looked at after every comparison it promotes five times too many wrong candidates, so no
/// decision uses it.
public final class ClopperPearson {
  private ClopperPearson() {}

  /// The largest rate that is not excluded at level `alpha`.
  public static double upper(long comparisons, long disagreements, double alpha) {
    if (comparisons == 0 || disagreements >= comparisons) {
      return 1;
    }
    double low = 0;
    double high = 1;
    for (int i = 0; i < 60; i++) {
      double rate = (low + high) / 2;
      if (atMost(disagreements, comparisons, rate) > alpha) {
        low = rate;
      } else {
        high = rate;
      }
    }
    return high;
  }

  /// Probability of at most `k` disagreements in `n` comparisons.
  private static double atMost(long k, long n, double rate) {
    double logTerm = n * Math.log1p(-rate);
    double sum = Math.exp(logTerm);
    for (long i = 1; i <= k; i++) {
      logTerm += Math.log((double) (n - i + 1) / i) + Math.log(rate) - Math.log1p(-rate);
      sum += Math.exp(logTerm);
    }
    return sum;
  }
}
