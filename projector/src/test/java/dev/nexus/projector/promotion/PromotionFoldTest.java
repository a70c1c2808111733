package dev.nexus.projector.promotion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.CandidatePromoted;
import dev.nexus.event.promotion.PromotionEvent.CandidateRejected;
import dev.nexus.event.promotion.PromotionEvent.CandidateRequested;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.PromotionEvent.Verdict;
import dev.nexus.event.promotion.RouteEvent;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.event.promotion.Stage;
import dev.nexus.projector.Folded;
import dev.nexus.projector.Story;
import dev.nexus.projector.rebuild.Content;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PromotionFoldTest {
  private static final Subject SUBJECT = new Subject("classify", "identity");
  private static final Candidate FIRST = new Candidate(1, "hash-1");
  private static final Candidate SECOND = new Candidate(2, "hash-2");

  private static <E> Event<E> event(String name, E body) {
    return new Event<>(
        Envelope.of(NameIds.uuid5(name), Story.BEGIN, Story.TENANT, "triage", "service:oracle"),
        body);
  }

  private static Verdict verdict(long comparisons, long disagreements, double logE) {
    return new Verdict(comparisons, disagreements, logE, 0.0125, 0.05, 3);
  }

  private static Map<String, String> standing(Folded<PromotionEvent> folded) {
    return folded.store().fields(PromotionNames.standing(Story.TENANT, "triage", "classify"));
  }

  @Test
  void shouldTellWhereAComponentStands() {
    // Given
    var folded = Folded.with(new PromotionFold());
    // When
    folded.one(
        event(
            "a",
            new CandidateRejected(SUBJECT, FIRST, verdict(40, 4, -3.2), "E < 0.1", List.of())));
    folded.one(event("b", new CandidatePromoted(SUBJECT, SECOND, verdict(130, 1, 5.1))));
    // Then
    assertThat(standing(folded))
        .containsAllEntriesOf(
            Map.of(
                "stage", "PROMOTED",
                "candidateNumber", "2",
                "candidateHash", "hash-2",
                "comparisons", "130",
                "disagreements", "1",
                "logE", "5.1",
                "reason", ""));
  }

  @Test
  void shouldForgetTheVerdictOfAnEarlierCandidate() {
    // Given
    var folded = Folded.with(new PromotionFold());
    folded.one(
        event("a", new CandidateRejected(SUBJECT, FIRST, verdict(40, 4, -3.2), "why", List.of())));
    // When
    folded.one(event("b", new CandidateRequested(SUBJECT, 2, "execution", List.of(), List.of())));
    // Then
    assertThat(standing(folded))
        .containsAllEntriesOf(
            Map.of("stage", "SYNTHESIZING", "candidateNumber", "2", "comparisons", "0"));
  }

  @Test
  void shouldKeepARepeatedDecisionOnce() {
    // Given
    var folded = Folded.with(new PromotionFold());
    var promoted =
        event("a", (PromotionEvent) new CandidatePromoted(SUBJECT, FIRST, verdict(1, 0, 1)));
    // When
    folded.one(promoted);
    folded.one(promoted);
    // Then
    assertThat(folded.store().fields(PromotionNames.history(Story.TENANT, "triage", "classify")))
        .hasSize(1)
        .allSatisfy((id, kept) -> assertThat(kept).startsWith("0:"));
    assertThat(folded.store().fields(PromotionNames.fates(Story.TENANT, "triage", "classify")))
        .containsExactly(Map.entry("PROMOTED", "1"));
  }

  @Test
  void shouldKeepTheLastRouteOnly() {
    // Given
    var folded = Folded.with(new RouteFold());
    // When
    for (int permille : new int[] {200, 500, 1000}) {
      folded.one(
          event(
              "r" + permille,
              (RouteEvent)
                  new RouteSet(SUBJECT, Stage.CANARY, SECOND, "source", permille, 1000, 20, "s")));
    }
    // Then
    assertThat(folded.store().fields(PromotionNames.route(Story.TENANT, "triage", "classify")))
        .containsEntry("codePermille", "1000")
        .containsEntry("offset", "2");
  }

  @Test
  void shouldCountARepeatedComparisonOnceAndSayWhereTheyAre() {
    // Given
    var folded = Folded.with(new EvidenceFold());
    // When
    for (String name : List.of("a", "b", "a", "b", "c")) {
      folded.one(
          event(
              name,
              (EvidenceEvent)
                  new ComparisonCounted(
                      SUBJECT,
                      FIRST,
                      "fingerprint-" + name,
                      "execution",
                      Phase.SEALED,
                      Result.AGREED,
                      "truth",
                      verdict(3, 0, 0.5))));
    }
    // Then
    var key = PromotionNames.evidence(Story.TENANT, "triage", "classify");
    assertThat(folded.store().fields(key))
        .containsAllEntriesOf(
            Map.of(
                "identity/1/from", "0",
                "identity/1/until", "5",
                "identity/1/counted.SEALED.AGREED", "3",
                "identity/1/comparisons", "3"));
    assertThat(
            folded
                .store()
                .contents()
                .get(PromotionNames.evidenceSeen(Story.TENANT, "triage", "classify")))
        .isInstanceOfSatisfying(Content.Scores.class, s -> assertThat(s.scores()).hasSize(3));
  }
}
