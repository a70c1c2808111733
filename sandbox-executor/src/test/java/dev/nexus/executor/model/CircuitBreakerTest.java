package dev.nexus.executor.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
  private final TestClock clock = new TestClock();
  private final CircuitBreaker breaker = new CircuitBreaker(clock, 3, Duration.ofSeconds(2));

  static final class TestClock extends Clock {
    private Instant now = Instant.EPOCH;

    void pass(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      breaker.failed();
    }
  }

  @Test
  void shouldStayClosedWhileFailuresAreNotInARow() {
    fail(2);
    breaker.succeeded();
    fail(2);

    assertThat(breaker.refusal()).isEmpty();
  }

  @Test
  void shouldNotStayAwayForLongerBecauseTheClockIsSetBack() {
    fail(3);

    clock.pass(Duration.ofHours(-1));

    assertThat(breaker.refusal()).contains(Duration.ofSeconds(2));
    clock.pass(Duration.ofSeconds(2));
    assertThat(breaker.refusal()).isEmpty();
  }

  @Test
  void shouldOpenAfterFailuresInARowAndSayForHowLong() {
    fail(3);
    clock.pass(Duration.ofMillis(500));

    assertThat(breaker.refusal()).contains(Duration.ofMillis(1500));
  }

  @Test
  void shouldLetOneProbeThroughAfterThePause() {
    fail(3);
    clock.pass(Duration.ofSeconds(2));

    assertThat(breaker.refusal()).isEmpty();
    assertThat(breaker.refusal()).isPresent();
  }

  @Test
  void shouldCloseWhenTheProbeSucceeds() {
    fail(3);
    clock.pass(Duration.ofSeconds(2));
    breaker.refusal();

    breaker.succeeded();

    assertThat(breaker.refusal()).isEmpty();
    fail(2);
    assertThat(breaker.refusal()).isEmpty();
  }

  @Test
  void shouldPauseTwiceAsLongWhenTheProbeFails() {
    fail(3);
    clock.pass(Duration.ofSeconds(2));
    breaker.refusal();

    breaker.failed();

    assertThat(breaker.refusal()).contains(Duration.ofSeconds(4));
    clock.pass(Duration.ofSeconds(4));
    assertThat(breaker.refusal()).isEmpty();
  }

  @Test
  void shouldTryAgainWhenTheProbeSaidNothing() {
    fail(3);
    clock.pass(Duration.ofSeconds(2));
    breaker.refusal();

    breaker.abandoned();

    assertThat(breaker.refusal()).isEmpty();
  }
}
