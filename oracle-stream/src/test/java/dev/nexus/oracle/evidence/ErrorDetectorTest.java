package dev.nexus.oracle.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorDetectorTest {
  private static final long SEED = 20_261_120;

  /// Delay table at 95 % and 99 %, level 1e4, after a long good time: median within 20 %, where it
  /// is not a matter of two or three comparisons.
  @ParameterizedTest
  @CsvSource({
    "0.05, 0.10, 226",
    "0.05, 0.15, 83",
    "0.05, 0.25, 32",
    "0.05, 0.5, 10",
    "0.05, 1.0, 4",
    "0.01, 0.02, 855",
    "0.01, 0.03, 344",
    "0.01, 0.05, 133",
    "0.01, 0.10, 44",
    "0.01, 0.5, 5",
    "0.01, 1.0, 3"
  })
  void shouldDetectWorseRatesAfterTheseComparisons(double epsilon, double rate, long median) {
    Random random = new Random(SEED);
    long[] delays = new long[301];
    for (int run = 0; run < delays.length; run++) {
      ErrorDetector detector = ErrorDetector.START;
      for (int i = 0; i < 20 / epsilon; i++) {
        detector = detector.next(random.nextDouble() < epsilon / 10, epsilon);
      }
      long delay = 0;
      while (detector.level() < 1e4) {
        detector = detector.next(random.nextDouble() < rate, epsilon);
        delay++;
      }
      delays[run] = delay;
    }
    Arrays.sort(delays);

    assertThat((double) delays[delays.length / 2])
        .as("seed %d", SEED)
        .isCloseTo(median, Offset.offset(Math.max(1.5, median * 0.2)));
  }

  /// At the boundary each step adds one to the mean: level minus steps is a martingale, so the
  /// expected number of comparisons to a false alarm at `a` is at least `a`.
  @Test
  void shouldGrowByOneAComparisonInTheMeanAtTheBoundary() {
    ErrorDetector detector = ErrorDetector.START;
    for (int i = 0; i < 200; i++) {
      double mean =
          0.95 * detector.next(false, 0.05).level() + 0.05 * detector.next(true, 0.05).level();

      assertThat(mean).isCloseTo(detector.level() + 1, within(1e-6 * (1 + detector.level())));
      detector = detector.next(i % 15 == 0, 0.05);
    }
  }

  @Test
  void shouldSayThatCodeDisagreesTooOftenThatIsWrongInEveryFourthInput() {
    Random random = new Random(SEED);
    Tally tally = Tally.NONE;
    while (!tally.disagreesTooOften(0.05)) {
      boolean wrong = random.nextInt(4) == 0;
      tally = tally.plus(Phase.SHADOW, wrong ? Result.DISAGREED : Result.AGREED, 0.05);
    }

    assertThat(tally.comparisons()).as("seed %d", SEED).isLessThan(100);
  }

  @Test
  void shouldCallACandidateUndecidedAfter60OverEpsilon() {
    Tally tally = Tally.NONE;
    for (int i = 0; i < 1_200; i++) {
      assertThat(tally.undecided(0.05)).isFalse();
      tally = tally.plus(Phase.SHADOW, i % 40 == 0 ? Result.DISAGREED : Result.AGREED, 0.05);
    }

    assertThat(tally.undecided(0.05)).isTrue();
  }
}
