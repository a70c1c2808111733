package dev.nexus.scriptedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nexus.scriptedmodel.Draw.Fault;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BehaviourTest {
  private static final int CALLS = 20_000;

  @Test
  void shouldDrawTheSameForTheSameSeedInputAndCall() {
    assertThat(draws(Behaviour.DEFAULT.withSeed(3)))
        .isEqualTo(draws(Behaviour.DEFAULT.withSeed(3)));
    assertThat(draws(Behaviour.DEFAULT.withSeed(3)))
        .isNotEqualTo(draws(Behaviour.DEFAULT.withSeed(4)));
  }

  @Test
  void shouldKeepToTheRatesSet() {
    // Given
    var rates = new FaultRates(0.03, 0.04, 0.05, 0.06, 0.07);

    // When
    var draws = draws(Behaviour.DEFAULT.withRates(rates));

    // Then
    assertThat(share(draws, Fault.RATE_LIMITED)).isCloseTo(0.04, within(0.006));
    assertThat(share(draws, Fault.SERVER_ERROR)).isCloseTo(0.05, within(0.006));
    assertThat(share(draws, Fault.MALFORMED)).isCloseTo(0.06, within(0.006));
    assertThat(share(draws, Fault.SLOW)).isCloseTo(0.07, within(0.006));
    assertThat(draws.stream().filter(Draw::mistaken).count() / (double) CALLS)
        .isCloseTo(0.03, within(0.005));
  }

  @Test
  void shouldSpreadLatencyAroundItsMedian() {
    var draws = draws(Behaviour.DEFAULT.withRates(FaultRates.NONE));

    long[] millis = draws.stream().mapToLong(d -> d.latency().toMillis()).toArray();
    Arrays.sort(millis);

    assertThat(millis[CALLS / 2]).isBetween(390L, 410L);
    assertThat(millis[CALLS * 99 / 100]).isBetween(850L, 960L);
  }

  @Test
  void shouldSayThatItsRatesAreSet() {
    assertThat(Behaviour.DEFAULT.describe())
        .contains("scripted model", "set, not measured", "median latency 400 ms", "wrong 3.0 %");
  }

  @Test
  void shouldRefuseImpossibleRates() {
    assertThatThrownBy(() -> new FaultRates(0, 0.5, 0.4, 0.2, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FaultRates(Double.NaN, 0, 0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /// A call each of many inputs, as in the demo, and many calls of a few.
  private static List<Draw> draws(Behaviour behaviour) {
    return IntStream.range(0, CALLS)
        .mapToObj(i -> Draw.of(behaviour, "input-" + i % 400, i / 400 + 1))
        .toList();
  }

  private static double share(List<Draw> draws, Fault fault) {
    return draws.stream().filter(draw -> draw.fault() == fault).count() / (double) CALLS;
  }
}
