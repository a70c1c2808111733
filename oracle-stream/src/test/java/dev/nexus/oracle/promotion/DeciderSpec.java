package dev.nexus.oracle.promotion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.CanaryStarted;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.CandidatePromoted;
import dev.nexus.event.promotion.PromotionEvent.CandidateProposed;
import dev.nexus.event.promotion.PromotionEvent.CandidateRequested;
import dev.nexus.event.promotion.PromotionEvent.ShadowStarted;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.PromotionEvent.Verdict;
import dev.nexus.oracle.evidence.Tally;
import dev.nexus.oracle.hotness.Hotness;
import dev.nexus.oracle.promotion.PromotionCommand.ConsiderCandidate;
import dev.nexus.oracle.promotion.PromotionCommand.WeighEvidence;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// Given events, when a command, then events.
final class DeciderSpec {
  static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
  static final Subject SUBJECT = new Subject("triage", "identity");
  static final Candidate FIRST = new Candidate(1, "hash 1");
  static final Verdict NO_VERDICT = new Verdict(0, 0, 0, 0.025, 0.05, 0);
  static final Seal SEAL = Seal.behind(List.of(Map.of(0, 30L)), Map.of(0, 109L));
  static final PromotionPolicy POLICY =
      new PromotionPolicy(
          "auto", 0.95, 0.05, 30, 109, 0, Duration.ofSeconds(1), 30, List.of(200, 500), 40, 20, 3);

  private final PromotionPolicy policy;
  private PromotionState state = PromotionState.NEW;
  private Decision decision = new Decision.Rejected("nothing was decided");

  private DeciderSpec(PromotionPolicy policy) {
    this.policy = policy;
  }

  static DeciderSpec given(PromotionEvent... events) {
    return given(POLICY, events);
  }

  static DeciderSpec given(PromotionPolicy policy, PromotionEvent... events) {
    DeciderSpec spec = new DeciderSpec(policy);
    for (PromotionEvent event : events) {
      spec.state = PromotionFold.apply(spec.state, event);
    }
    return spec;
  }

  DeciderSpec when(PromotionCommand command) {
    return when(command, NOON);
  }

  DeciderSpec when(PromotionCommand command, Instant at) {
    decision = new PromotionDecider(SUBJECT, policy).decide(state, command, at);
    return this;
  }

  /// The events, which can all be applied.
  List<PromotionEvent> events() {
    assertThat(decision).isInstanceOf(Decision.Accepted.class);
    decision.events().forEach(event -> state = PromotionFold.apply(state, event));
    return decision.events();
  }

  void thenEvents(PromotionEvent... events) {
    assertThat(events()).containsExactly(events);
  }

  void thenRejected(String detail) {
    assertThat(decision).isEqualTo(new Decision.Rejected(detail));
  }

  PromotionState state() {
    return state;
  }

  static CandidateRequested requested(int number) {
    return new CandidateRequested(
        SUBJECT, number, "synthesis " + number, SEAL.toTexts(), List.of("shown"));
  }

  static CandidateProposed proposed(int number) {
    return new CandidateProposed(
        SUBJECT, new Candidate(number, "hash " + number), "source " + number, List.of("a"));
  }

  static PromotionEvent[] verifying() {
    return new PromotionEvent[] {requested(1), proposed(1)};
  }

  static PromotionEvent[] shadowing() {
    return new PromotionEvent[] {
      requested(1), proposed(1), new ShadowStarted(SUBJECT, FIRST, NO_VERDICT)
    };
  }

  static PromotionEvent[] canarying() {
    return new PromotionEvent[] {
      requested(1),
      proposed(1),
      new ShadowStarted(SUBJECT, FIRST, NO_VERDICT),
      new CanaryStarted(SUBJECT, FIRST, NO_VERDICT, 200)
    };
  }

  static PromotionEvent[] promoted() {
    return new PromotionEvent[] {
      requested(1),
      proposed(1),
      new ShadowStarted(SUBJECT, FIRST, NO_VERDICT),
      new CandidatePromoted(SUBJECT, FIRST, NO_VERDICT)
    };
  }

  static ConsiderCandidate consider(long distinct) {
    return new ConsiderCandidate(
        new Hotness(distinct, distinct, distinct), SEAL, List.of("shown"), "synthesis 1");
  }

  static WeighEvidence weigh(Tally tally, boolean sealedDone) {
    return new WeighEvidence(tally, sealedDone, List.of("wrong"));
  }

  /// So many sealed and live comparisons, the last of them wrong, and declined inputs.
  static Tally tally(int sealed, int live, int wrong, int declined) {
    Tally tally = Tally.NONE;
    for (int i = 0; i < sealed + live; i++) {
      tally =
          tally.plus(
              i < sealed ? Phase.SEALED : Phase.SHADOW,
              i < sealed + live - wrong ? Result.AGREED : Result.DISAGREED,
              0.05);
    }
    for (int i = 0; i < declined; i++) {
      tally = tally.plus(Phase.SHADOW, Result.DEOPTED, 0.05);
    }
    return tally;
  }
}
