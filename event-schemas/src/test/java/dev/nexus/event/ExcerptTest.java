package dev.nexus.event;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExcerptTest {
  @Test
  void shouldLeaveAShortTextAsItIs() {
    assertThat(Excerpt.of("", 3)).isEmpty();
    assertThat(Excerpt.of("abc", 3)).isEqualTo("abc");
  }

  @Test
  void shouldSayThatThereIsMore() {
    assertThat(Excerpt.of("abcd", 3)).isEqualTo("abc…");
  }

  @Test
  void shouldCutNoCharacterInTwo() {
    assertThat(Excerpt.of("ab😀cd", 3)).isEqualTo("ab…");
    assertThat(Excerpt.of("ab😀cd", 4)).isEqualTo("ab😀…");
  }

  @Test
  void shouldGiveABeginningWithoutSayingSo() {
    assertThat(Excerpt.beginning("abc", 3)).isEqualTo("abc");
    assertThat(Excerpt.beginning("abcd", 3)).isEqualTo("abc");
    assertThat(Excerpt.beginning("ab😀cd", 3)).isEqualTo("ab");
  }
}
