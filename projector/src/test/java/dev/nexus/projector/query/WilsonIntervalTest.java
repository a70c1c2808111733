package dev.nexus.projector.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WilsonIntervalTest {

  @ParameterizedTest
  @CsvSource({
    "1, 0, 0, 0.79345",
    "10, 0, 0, 0.27753",
    "71, 10, 0.07834, 0.24022",
    "100, 50, 0.40383, 0.59617",
    "225, 0, 0, 0.01679",
    "10, 10, 0.72247, 1"
  })
  void shouldGiveTheTabulatedBounds(long comparisons, long wrong, double low, double high) {
    WilsonInterval interval = WilsonInterval.of(comparisons, wrong);

    assertThat(interval.low()).isCloseTo(low, within(0.00002));
    assertThat(interval.high()).isCloseTo(high, within(0.00002));
  }

  @Test
  void shouldHoldTheRateItself() {
    for (long n = 1; n <= 60; n++) {
      for (long k = 0; k <= n; k++) {
        WilsonInterval interval = WilsonInterval.of(n, k);
        assertThat((double) k / n).isBetween(interval.low() - 1e-12, interval.high() + 1e-12);
      }
    }
  }

  @Test
  void shouldRefuseWhatIsNoCount() {
    assertThatThrownBy(() -> WilsonInterval.of(0, 0)).hasMessageContaining("found 0 in 0");
    assertThatThrownBy(() -> WilsonInterval.of(3, 4)).hasMessageContaining("found 4 in 3");
  }
}
