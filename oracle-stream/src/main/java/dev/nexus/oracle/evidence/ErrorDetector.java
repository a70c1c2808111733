package dev.nexus.oracle.evidence;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Notices that code disagrees more often than epsilon (a Shiryaev-Roberts mixture over five
/// worse rates). While the rate stays at or below epsilon, the expected number of comparisons to a
/// false alarm at `level >= a` is at least `a`.
///
/// @param sums one running sum a rate
public record ErrorDetector(List<Double> sums) {
  public static final ErrorDetector START = new ErrorDetector(Collections.nCopies(5, 0.0));
  private static final double CEILING = 1e12;

  public ErrorDetector {
    sums = List.copyOf(sums);
  }

  public ErrorDetector next(boolean disagreed, double epsilon) {
    double[] rates = {2 * epsilon, 5 * epsilon, Math.min(20 * epsilon, 0.5), 0.5, 0.9};
    List<Double> next = new ArrayList<>(rates.length);
    for (int j = 0; j < rates.length; j++) {
      double rate = Math.min(rates[j], 0.99);
      double ratio = disagreed ? rate / epsilon : (1 - rate) / (1 - epsilon);
      next.add(Math.min(CEILING, (sums.get(j) + 1) * ratio));
    }
    return new ErrorDetector(next);
  }

  public double level() {
    return sums.stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }
}
