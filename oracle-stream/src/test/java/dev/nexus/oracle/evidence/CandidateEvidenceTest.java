package dev.nexus.oracle.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nexus.event.Json;
import dev.nexus.event.Position;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.PromotionEvent.Verdict;
import org.junit.jupiter.api.Test;

class CandidateEvidenceTest {
  private final CandidateEvidence evidence = new CandidateEvidence(0.05);

  @Test
  void shouldCountAnInputOnce() {
    count("a", Phase.SEALED, Result.AGREED, 3);
    count("a", Phase.SHADOW, Result.DISAGREED, 9);

    assertThat(evidence.tally().comparisons()).isEqualTo(1);
    assertThat(evidence.tally().disagreements()).isZero();
    assertThat(evidence.hasInput("a")).isTrue();
  }

  @Test
  void shouldCountErrorsAsDisagreementsAndDeoptsApart() {
    count("a", Phase.SEALED, Result.ERROR, 1);
    count("b", Phase.SHADOW, Result.DEOPTED, 2);
    count("c", Phase.SHADOW, Result.AGREED, 3);

    Tally tally = evidence.tally();
    assertThat(tally.comparisons()).isEqualTo(2);
    assertThat(tally.disagreements()).isEqualTo(1);
    assertThat(tally.deopts()).isEqualTo(1);
    assertThat(tally.live()).isEqualTo(1);
    assertThat(tally.deoptRate()).isCloseTo(1 / 3.0, within(1e-9));
    assertThat(evidence.inputs(Result.DISAGREED, Result.ERROR)).containsExactly("a");
    assertThat(evidence.inputs(Result.DEOPTED)).containsExactly("b");
  }

  @Test
  void shouldRecordServedCallsWithoutFeedingTheEValue() {
    count("a", Phase.CANARY, Result.DISAGREED, 1);
    count("a", Phase.AUDIT, Result.AGREED, 2);

    assertThat(evidence.tally()).isEqualTo(Tally.NONE);
    assertThat(evidence.hasInput("a")).isFalse();
    assertThat(evidence.hasCall("execution 1")).isTrue();
    assertThat(evidence.hasCall("execution 7")).isFalse();
  }

  @Test
  void shouldRememberBehindWhichOffsetsNothingWasJudged() {
    count("a", Phase.SEALED, Result.AGREED, 7);
    count("b", Phase.SHADOW, Result.AGREED, 5);

    assertThat(evidence.judged()).containsExactly(java.util.Map.entry(0, 8L));
  }

  @Test
  void shouldCompareValuesAndNotTheirText() {
    Json expected = new Json("{\"a\":1,\"b\":[true]}");

    assertThat(Agreement.of("equal", expected, new Json("{ \"b\" : [true], \"a\": 1.0 }")))
        .isEqualTo(Result.AGREED);
    assertThat(Agreement.of("equal", expected, new Json("{\"a\":1}"))).isEqualTo(Result.DISAGREED);
    assertThatThrownBy(() -> Agreement.of("similar", expected, expected))
        .hasMessageContaining("'equal' expected, found 'similar'");
  }

  private void count(String fingerprint, Phase phase, Result result, long offset) {
    evidence.apply(
        new ComparisonCounted(
            new Subject("triage", "identity"),
            new Candidate(1, "hash"),
            fingerprint,
            "execution " + offset,
            phase,
            result,
            "truth",
            new Verdict(0, 0, 0, 0.025, 0.05, 0)),
        new Position("nexus.executions", 0, offset));
  }
}
