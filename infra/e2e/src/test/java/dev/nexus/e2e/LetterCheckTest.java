package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Position;
import org.junit.jupiter.api.Test;

class LetterCheckTest {
  @Test
  void shouldTellATruthThatCameTooEarlyFromOneThatWasLost() {
    Position request = at(1, 7);

    assertThat(LetterCheck.isBefore(at(1, 6), request)).isTrue();
    assertThat(LetterCheck.isBefore(at(1, 8), request)).isFalse();
    assertThat(LetterCheck.isBefore(at(0, 6), request)).isFalse();
    assertThat(LetterCheck.isBefore(at(1, 6), Position.NONE)).isFalse();
    assertThat(LetterCheck.isBefore(new Position("nexus.outcomes", 1, 6), request)).isFalse();
  }

  private static Position at(int partition, long offset) {
    return new Position("nexus.requests", partition, offset);
  }
}
