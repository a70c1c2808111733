package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// A rest is seen by an interrupt, which ends it at once.
class PaceTest {
  private static final int ENOUGH = 10;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Pace pace = new Pace(Duration.ofHours(1), ENOUGH, ended);

  private static boolean rests(Pace pace, int records) {
    Thread.currentThread().interrupt();
    boolean goesOn = pace.after(records);
    return Thread.interrupted() && !goesOn;
  }

  @Test
  void shouldRestAfterEachSmallBatch() {
    assertThat(rests(pace, 1)).isTrue();
    assertThat(rests(pace, 1)).isTrue();
    assertThat(rests(pace, ENOUGH)).isFalse();
    assertThat(rests(pace, 0)).isFalse();
  }

  @Test
  void shouldNotRestAfterWhatTheConsumerHadBeforeTheRest() {
    // Given
    Pace fresh = pace.everySecond();
    // Then
    assertThat(rests(fresh, 1)).isTrue();
    assertThat(rests(fresh, 1)).isFalse();
    assertThat(rests(fresh, 1)).isTrue();
    assertThat(rests(fresh, ENOUGH)).isFalse();
    assertThat(rests(fresh, 1)).isTrue();
  }

  @Test
  void shouldEndWithItsReader() {
    // When
    ended.countDown();
    // Then
    assertThat(pace.after(1)).isFalse();
    assertThat(pace.after(0)).isFalse();
  }
}
