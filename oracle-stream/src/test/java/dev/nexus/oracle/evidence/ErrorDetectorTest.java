package dev.nexus.oracle.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorDetectorTest {
  private static final long SEED = 20_261_120;

  /// Delay table at 95 %, level 1e4, after a long good time: median within 20 %.
  @ParameterizedTest
  @CsvSource({"0.10, 226", "0.15, 83", "0.25, 32", "0.5, 10", "1.0, 4"})
  void shouldDetectWorseRatesAfterTheseComparisons(double rate, long median) {
    Random random = new Random(SEED);
    long[] delays = new long[301];
    for (int run = 0; run < delays.length; run++) {
      ErrorDetector detector = ErrorDetector.START;
      for (int i = 0; i < 400; i++) {
        detector = detector.next(random.nextDouble() < 0.005, 0.05);
      }
      long delay = 0;
      while (detector.level() < 1e4) {
        detector = detector.next(random.nextDouble() < rate, 0.05);
        delay++;
      }
      delays[run] = delay;
    }
    Arrays.sort(delays);

    assertThat((double) delays[delays.length / 2])
        .as("seed %d", SEED)
        .isCloseTo(median, Percentage.withPercentage(median < 15 ? 35 : 20));
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
  void shouldCallACandidateFutileThatIsWrongInEveryFourthInput() {
    Random random = new Random(SEED);
    Tally tally = Tally.NONE;
    while (!tally.futile(0.05)) {
      boolean wrong = random.nextInt(4) == 0;
      tally = tally.plus(Phase.SHADOW, wrong ? Result.DISAGREED : Result.AGREED, 0.05);
    }

    assertThat(tally.comparisons()).as("seed %d", SEED).isLessThan(100);
  }

  @Test
  void shouldCallACandidateFutileWhenNothingIsDecidedFor60OverEpsilon() {
    Tally tally = Tally.NONE;
    for (int i = 0; i < 1_200; i++) {
      assertThat(tally.futile(0.05)).isFalse();
      tally = tally.plus(Phase.SHADOW, i % 40 == 0 ? Result.DISAGREED : Result.AGREED, 0.05);
    }

    assertThat(tally.futile(0.05)).isTrue();
  }
}
