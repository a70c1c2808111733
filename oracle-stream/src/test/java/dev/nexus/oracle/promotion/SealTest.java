package dev.nexus.oracle.promotion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Position;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SealTest {
  private static final Map<Integer, Long> OPEN = Map.of(0, 31L, 1, 12L);
  private static final Map<Integer, Long> READ = Map.of(0, 120L, 1, 89L, 2, 40L);

  @Test
  void shouldBeginBehindTheOpenInputsAndEndWhereTheOracleHasRead() {
    Seal seal = Seal.behind(List.of(OPEN), READ);

    assertThat(seal.toTexts()).containsExactly("0:31-120", "1:12-89", "2:0-40");
    assertThat(seal.covers(at(0, 30))).isFalse();
    assertThat(seal.covers(at(0, 31))).isTrue();
    assertThat(seal.covers(at(0, 119))).isTrue();
    assertThat(seal.covers(at(0, 120))).isFalse();
  }

  @Test
  void shouldBeginBehindEverythingAnEarlierCandidateWasJudgedOn() {
    Map<Integer, Long> earlierSeal = Map.of(0, 120L, 1, 89L);
    Map<Integer, Long> judgedLive = Map.of(0, 140L);

    Seal seal =
        Seal.behind(List.of(OPEN, earlierSeal, judgedLive), Map.of(0, 130L, 1, 95L, 2, 41L));

    assertThat(seal.toTexts()).containsExactly("0:140-140", "1:89-95", "2:0-41");
  }

  @Test
  void shouldAllowWhatIsUnderTheSealOrLater() {
    Seal seal = Seal.behind(List.of(OPEN), READ);

    assertThat(seal.allows(at(0, 30))).isFalse();
    assertThat(seal.allows(at(0, 500))).isTrue();
    assertThat(seal.allows(at(7, 0))).isTrue();
  }

  @Test
  void shouldReadWhatItWrote() {
    Seal seal = Seal.behind(List.of(OPEN), READ);

    assertThat(Seal.parse(seal.toTexts())).isEqualTo(seal);
    assertThatThrownBy(() -> Seal.parse(List.of("0/31")))
        .hasMessage("partition:from-until expected, found '0/31'");
  }

  private static Position at(int partition, long offset) {
    return new Position("nexus.executions", partition, offset);
  }
}
