package dev.nexus.event.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The tables of the promotion rule, computed again.
class EProcessTest {

  @ParameterizedTest
  @CsvSource({
    "0.05,  0.05, 65,   138,  179,   219,   291,   452",
    "0.05,  0.01, 98,   177,  220,   262,   338,   507",
    "0.01,  0.05, 331,  699,  910,   1108,  1473,  2285",
    "0.01,  0.01, 500,  899,  1119,  1328,  1711,  2564",
    "0.001, 0.05, 3317, 7012, 9128,  11115, 14772, 22906",
    "0.001, 0.01, 5016, 9021, 11230, 13317, 17162, 25701"
  })
  void shouldNeedTheseComparisonsForADisagreementCount(
      double epsilon,
      double alpha,
      long none,
      long one,
      long two,
      long three,
      long five,
      long ten) {
    assertThat(needed(0, epsilon, alpha)).isEqualTo(none);
    assertThat(needed(1, epsilon, alpha)).isEqualTo(one);
    assertThat(needed(2, epsilon, alpha)).isEqualTo(two);
    assertThat(needed(3, epsilon, alpha)).isEqualTo(three);
    assertThat(needed(5, epsilon, alpha)).isEqualTo(five);
    assertThat(needed(10, epsilon, alpha)).isEqualTo(ten);
  }

  @ParameterizedTest
  @CsvSource({"1, 79,  404", "2, 102, 519", "3, 116, 590", "4, 126, 643", "5, 134, 685"})
  void shouldNeedMoreForEveryFurtherCandidate(int candidate, long at95, long at99) {
    double alpha = EProcess.alphaOf(0.05, candidate);

    assertThat(needed(0, EProcess.epsilonOf(0.95), alpha)).isEqualTo(at95);
    assertThat(needed(0, EProcess.epsilonOf(0.99), alpha)).isEqualTo(at99);
  }

  /// What makes a component hot by default follows from these.
  @ParameterizedTest
  @CsvSource({"0.95, 0.05, 79", "0.99, 0.05, 404", "0.999, 0.01, 5737"})
  void shouldSayHowManyComparisonsProveCodeThatIsNeverWrong(
      double target, double alpha, int expected) {
    double epsilon = EProcess.epsilonOf(target);
    double spent = EProcess.alphaOf(alpha, 1);

    assertThat(EProcess.comparisonsNeeded(epsilon, spent, 1_000_000))
        .isEqualTo(expected)
        .isEqualTo((int) needed(0, epsilon, spent));
    assertThat(EProcess.comparisonsNeeded(epsilon, spent, 50)).isEqualTo(50);
  }

  @Test
  void shouldSayThatNothingProvesATargetOfOneOrAnAlphaOfNone() {
    assertThat(EProcess.comparisonsNeeded(0, 0.05, 9_000)).isEqualTo(9_000);
    assertThat(EProcess.comparisonsNeeded(0.05, 0, 9_000)).isEqualTo(9_000);
  }

  @Test
  void shouldSpendNoMoreThanAlphaOverAllCandidates() {
    double spent = 0;
    for (int candidate = 1; candidate <= 10_000; candidate++) {
      spent += EProcess.alphaOf(0.05, candidate);
    }
    assertThat(spent).isLessThanOrEqualTo(0.05).isGreaterThan(0.0499);
    assertThatThrownBy(() -> EProcess.alphaOf(0.05, 0)).hasMessageContaining("count from 1");
  }

  /// Exact, by dynamic programming over the number of disagreements.
  @ParameterizedTest
  @CsvSource({"0.05, 0.05, 0.0487", "0.01, 0.05, 0.0492", "0.05, 0.01, 0.0097"})
  void shouldPromoteAWrongCandidateWithAtMostAlpha(double epsilon, double alpha, double expected) {
    double promoted = promoted(epsilon, alpha, epsilon);

    assertThat(promoted).isLessThanOrEqualTo(alpha).isCloseTo(expected, within(0.0006));
  }

  @ParameterizedTest
  @CsvSource({
    "0,     1,     0.0001",
    "0.001, 1,     0.0005",
    "0.005, 0.940, 0.001",
    "0.015, 0.0069, 0.0002",
    "0.02,  0.0013, 0.0001"
  })
  void shouldPromoteGoodCandidatesAndHardlyAnyWorseOnes(
      double rate, double expected, double tolerance) {
    assertThat(promoted(0.01, 0.05, rate)).isCloseTo(expected, within(tolerance));
  }

  @Test
  void shouldKeepTheLifetimeOfAComponentBelowAlpha() {
    double kept = 1;
    for (int candidate = 1; candidate <= 20; candidate++) {
      kept *= 1 - promoted(0.05, EProcess.alphaOf(0.05, candidate), 0.05);
    }

    assertThat(1 - kept).isLessThanOrEqualTo(0.05).isGreaterThan(0.03);
  }

  @Test
  void shouldFallBelowOneTenthWhenOneInEightIsWrong() {
    assertThat(Math.exp(EProcess.logE(75, 9, 0.05))).isLessThan(0.1);
    assertThat(Math.exp(EProcess.logE(79, 0, 0.05))).isGreaterThan(40);
  }

  @Test
  void shouldRefuseMoreDisagreementsThanComparisons() {
    assertThatThrownBy(() -> EProcess.logE(3, 4, 0.05)).hasMessageContaining("0 to 3");
  }

  private static double promoted(double epsilon, double alpha, double rate) {
    int horizon = (int) Math.round(60 / epsilon);
    double[] waiting = new double[horizon + 2];
    waiting[0] = 1;
    double promoted = 0;
    int most = 0;
    for (int n = 1; n <= horizon; n++) {
      for (int k = most + 1; k >= 1; k--) {
        waiting[k] = waiting[k] * (1 - rate) + waiting[k - 1] * rate;
      }
      waiting[0] *= 1 - rate;
      most++;
      for (int k = 0; k <= most; k++) {
        if (waiting[k] > 0) {
          if (!EProcess.proves(EProcess.logE(n, k, epsilon), alpha)) {
            break;
          }
          promoted += waiting[k];
          waiting[k] = 0;
        }
      }
    }
    return promoted;
  }

  /// Comparisons needed to prove a candidate that shows exactly this many disagreements.
  private static long needed(long disagreements, double epsilon, double alpha) {
    long low = disagreements;
    long high = Math.max(1, disagreements);
    while (!EProcess.proves(EProcess.logE(high, disagreements, epsilon), alpha)) {
      low = high;
      high *= 2;
    }
    while (high - low > 1) {
      long middle = (low + high) / 2;
      if (EProcess.proves(EProcess.logE(middle, disagreements, epsilon), alpha)) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }
}
