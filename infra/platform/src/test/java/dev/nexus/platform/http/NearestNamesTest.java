package dev.nexus.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNamesTest {
  @Test
  void shouldGiveTheNearestFirst() {
    assertThat(NearestNames.of("amont", List.of("rate", "amounts", "amount")))
        .containsExactly("amount", "amounts");
  }

  @Test
  void shouldGiveNamesThatHaveItAsAWord() {
    assertThat(NearestNames.of("hmac", List.of("github-hmac", "none")))
        .containsExactly("github-hmac");
    assertThat(NearestNames.of("sort", List.of("late-sort", "sorted", "resorting-x")))
        .containsExactly("late-sort", "sorted");
  }

  /// Both may be what a stranger sent, and comparing them takes time by the product of their
  /// lengths.
  @Test
  void shouldCompareNoLongNames() {
    assertThat(NearestNames.of(name(64), List.of(name(63)))).containsExactly(name(63));
    assertThat(NearestNames.of(name(65), List.of(name(64)))).isEmpty();
    assertThat(NearestNames.of(name(64), List.of(name(65)))).isEmpty();
  }

  private static String name(int length) {
    return "x".repeat(length);
  }
}
