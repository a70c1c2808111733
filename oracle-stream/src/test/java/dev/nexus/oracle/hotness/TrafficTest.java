package dev.nexus.oracle.hotness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.PromotionPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrafficTest {
  private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
  private static final PromotionPolicy POLICY =
      new PromotionPolicy(
          "auto", 0.95, 0.05, 30, 109, 200, Duration.ofSeconds(1), 30, List.of(200), 40, 20, 5);

  private final Traffic traffic = new Traffic();

  @Test
  void shouldCountCallsAndDistinctInputs() {
    call("a", NOON);
    call("b", NOON);
    call("a", NOON.plusSeconds(5));

    assertThat(traffic.hotness()).isEqualTo(new Hotness(3, 2, 3));
  }

  @Test
  void shouldForgetInputsThatDoNotComeAnyMore() {
    call("a", NOON);
    call("b", NOON.plus(Duration.ofDays(5)));
    call("c", NOON.plus(Duration.ofDays(8)));

    assertThat(traffic.hotness()).isEqualTo(new Hotness(2, 2, 3));
  }

  @Test
  void shouldKeepAnInputThatCameAgain() {
    call("a", NOON);
    call("b", NOON);
    call("a", NOON.plus(Duration.ofDays(5)));
    call("c", NOON.plus(Duration.ofDays(8)));

    assertThat(traffic.hotness().distinctInputs()).isEqualTo(2);
  }

  @Test
  void shouldTakeALateCallForAPresentOne() {
    call("a", NOON);
    call("b", NOON.minus(Duration.ofDays(20)));

    assertThat(traffic.hotness()).isEqualTo(new Hotness(2, 2, 2));
  }

  @Test
  void shouldBeHotWithEnoughDistinctInputsAndEnoughCallsSinceTheLastChange() {
    assertThat(new Hotness(500, 109, 200).isHot(POLICY)).isTrue();
    assertThat(new Hotness(500, 108, 200).isHot(POLICY)).isFalse();
    assertThat(new Hotness(500, 109, 199).isHot(POLICY)).isFalse();
  }

  private void call(String fingerprint, Instant at) {
    traffic.observe(fingerprint, at);
  }
}
