package dev.nexus.projector.query;

/// Between which shares the rate of wrong answers lies, by Wilson's score interval at 95 %, for a
/// person who reads a verdict. It holds for one look at a number of comparisons fixed beforehand,
/// and the oracle looks after each of them: whoever promoted when it clears a target would promote
/// wrong code far more often than 5 %. So nothing is decided by it.
///
/// @param low share of 1
/// @param high share of 1
record WilsonInterval(double low, double high) {
  static final double CONFIDENCE = 0.95;

  /// Standard deviations of the normal distribution that hold its middle 95 %.
  private static final double Z = 1.959963984540054;

  /// Of `disagreements` in `comparisons`, of which there must be some.
  static WilsonInterval of(long comparisons, long disagreements) {
    if (comparisons < 1 || disagreements < 0 || disagreements > comparisons) {
      throw new IllegalArgumentException(
          "0 to n disagreements in n >= 1 comparisons expected, found "
              + disagreements
              + " in "
              + comparisons);
    }
    double n = comparisons;
    double rate = disagreements / n;
    double middle = rate + Z * Z / (2 * n);
    double half = Z * Math.sqrt(rate * (1 - rate) / n + Z * Z / (4 * n * n));
    double whole = 1 + Z * Z / n;
    // At its ends the formula gives 0 and 1 but for the last bits of a double.
    return new WilsonInterval(
        disagreements == 0 ? 0 : (middle - half) / whole,
        disagreements == comparisons ? 1 : (middle + half) / whole);
  }
}
