package dev.nexus.event.evidence;

/// The betting e-process that decides promotions: a fixed mixture of likelihood ratios against
/// "code disagrees in at least epsilon of the inputs". It is a function of two counts, so it may be
/// looked at after every comparison without losing its guarantee.
public final class EProcess {
  private static final double[] BETS = {0, 0.1, 0.25, 0.5};
  private static final double[] WEIGHTS = {1 / 2.0, 1 / 6.0, 1 / 6.0, 1 / 6.0};

  private EProcess() {}

  /// Natural logarithm of the e-value after `comparisons` with `disagreements` among them.
  public static double logE(long comparisons, long disagreements, double epsilon) {
    if (disagreements < 0 || disagreements > comparisons) {
      throw new IllegalArgumentException(
          "0 to " + comparisons + " disagreements expected, found " + disagreements);
    }
    if (comparisons == 0) {
      return 0;
    }
    double[] terms = new double[BETS.length];
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < BETS.length; j++) {
      terms[j] = Math.log(WEIGHTS[j]) + logRatio(BETS[j], comparisons, disagreements, epsilon);
      largest = Math.max(largest, terms[j]);
    }
    double sum = 0;
    for (double term : terms) {
      sum += Math.exp(term - largest);
    }
    return largest + Math.log(sum);
  }

  /// `bet` is the disagreement rate bet on, as a part of epsilon.
  private static double logRatio(double bet, long n, long k, double epsilon) {
    double agreements = (n - k) * (Math.log1p(-bet * epsilon) - Math.log1p(-epsilon));
    if (k == 0) {
      return agreements;
    }
    return bet == 0 ? Double.NEGATIVE_INFINITY : k * Math.log(bet) + agreements;
  }

  /// Throws `IllegalArgumentException` for a number that no candidate has.
  public static void requireCandidate(int candidateNumber) {
    if (candidateNumber < 1) {
      throw new IllegalArgumentException("candidates count from 1, found " + candidateNumber);
    }
  }

  /// What the k-th candidate of an identity may spend of the component's alpha.
  public static double alphaOf(double alpha, int candidateNumber) {
    requireCandidate(candidateNumber);
    return alpha / ((double) candidateNumber * (candidateNumber + 1));
  }

  /// The value that the logarithm of E must reach.
  public static double threshold(double alpha) {
    return -Math.log(alpha);
  }

  public static boolean proves(double logE, double alpha) {
    return logE >= threshold(alpha);
  }

  /// Comparisons that prove code which never disagrees: the fewest, at most `most`, with which
  /// `proves` holds. A target of 1 and an alpha of 0 are proven by none, and answer `most`.
  public static int comparisonsNeeded(double epsilon, double alpha, int most) {
    int tooFew = 0;
    int enough = most;
    while (enough - tooFew > 1) {
      int middle = tooFew + (enough - tooFew) / 2;
      if (proves(logE(middle, 0, epsilon), alpha)) {
        enough = middle;
      } else {
        tooFew = middle;
      }
    }
    return enough;
  }

  /// Disagreement rate to be excluded, without the noise of binary fractions: 0.05 for 0.95.
  public static double epsilonOf(double target) {
    return Math.round((1 - target) * 1e12) / 1e12;
  }
}
