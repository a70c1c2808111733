package dev.nexus.command.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.NameIds;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DedupeWindowTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final UUID ONE = NameIds.uuid5("event", "1");
  private static final UUID TWO = NameIds.uuid5("event", "2");

  private final DedupeWindow window = new DedupeWindow(10, Duration.ofHours(1));

  @Test
  void shouldKnowTheFirstCopyOfAnEvent() {
    // When
    window.add(ONE, 5, NOON);

    // Then
    assertThat(window.first(ONE, 7, NOON)).hasValue(5);
    assertThat(window.first(TWO, 7, NOON)).isEmpty();
  }

  @Test
  void shouldForgetWhatIsTooManyRecordsBack() {
    // When
    window.add(ONE, 5, NOON);

    // Then
    assertThat(window.first(ONE, 15, NOON)).hasValue(5);
    assertThat(window.first(ONE, 16, NOON)).isEmpty();
  }

  @Test
  void shouldForgetWhatIsTooLongAgo() {
    // When
    window.add(ONE, 5, NOON);

    // Then
    assertThat(window.first(ONE, 6, NOON.plusSeconds(3_600))).hasValue(5);
    assertThat(window.first(ONE, 6, NOON.plusSeconds(3_601))).isEmpty();
  }

  @Test
  void shouldHoldNoMoreThanItReachesOver() {
    // When
    for (int i = 0; i < 10_000; i++) {
      window.add(NameIds.uuid5("event", Integer.toString(i)), i, NOON);
    }

    // Then
    assertThat(window.size()).isEqualTo(11);
  }

  /// A new owner folds the verdicts that are at most as far back as the window reaches.
  @Test
  void shouldAnswerTheSameWhenItIsFoldedFromTheTailOnly() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    long[] offsets = new long[200];
    UUID[] events = new UUID[200];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = (i == 0 ? 0 : offsets[i - 1]) + 1 + random.nextInt(3);
      events[i] = NameIds.uuid5("event", Integer.toString(random.nextInt(30)));
      window.add(events[i], offsets[i], NOON);
    }
    long next = offsets[199] + 1;
    DedupeWindow folded = new DedupeWindow(10, Duration.ofHours(1));

    // When
    for (int i = 0; i < offsets.length; i++) {
      if (offsets[i] >= next - 10) {
        folded.add(events[i], offsets[i], NOON);
      }
    }

    // Then
    for (UUID event : events) {
      assertThat(folded.first(event, next, NOON)).isEqualTo(window.first(event, next, NOON));
    }
  }
}
