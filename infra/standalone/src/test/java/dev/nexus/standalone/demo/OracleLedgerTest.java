package dev.nexus.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.CanaryStarted;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.CandidatePromoted;
import dev.nexus.event.promotion.PromotionEvent.CandidateProposed;
import dev.nexus.event.promotion.PromotionEvent.CandidateRejected;
import dev.nexus.event.promotion.PromotionEvent.CandidateRequested;
import dev.nexus.event.promotion.PromotionEvent.IdentityChanged;
import dev.nexus.event.promotion.PromotionEvent.ShadowStarted;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.PromotionEvent.Verdict;
import dev.nexus.event.promotion.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class OracleLedgerTest {
  private static final Subject FIRST = new Subject("triage", "11111111aaaa");
  private static final Subject SECOND = new Subject("triage", "22222222bbbb");
  private static final Candidate CANDIDATE = new Candidate(1, "c0ffee00dead");
  private static final Verdict VERDICT = new Verdict(79, 0, 3.7, 0.025, 0.05, 11);

  private static final PromotionPolicy POLICY =
      new PromotionPolicy(
          "auto", 0.95, 0.05, 30, 109, 0, Duration.ofSeconds(1), 30, List.of(200, 500), 40, 20, 5);
  private static final StoryLines LINES =
      new StoryLines(POLICY, (_, fingerprint) -> "input " + fingerprint);

  private final OracleLedger ledger = new OracleLedger("webhook-triage", "triage");

  @Test
  void shouldFollowWhoServes() {
    decide(new CandidateProposed(FIRST, CANDIDATE, "source", List.of()));
    decide(new CanaryStarted(FIRST, CANDIDATE, VERDICT, 200));
    assertThat(ledger.now().stage()).isEqualTo(Stage.CANARY);
    assertThat(ledger.now().codePermille()).isEqualTo(200);

    decide(new CandidatePromoted(FIRST, CANDIDATE, VERDICT));
    assertThat(ledger.now().stage()).isEqualTo(Stage.PROMOTED);
    assertThat(ledger.now().codePermille()).isEqualTo(1000);

    decide(new IdentityChanged(SECOND, FIRST.identityDigest(), "the prompt changed"));
    assertThat(ledger.now().stage()).isEqualTo(Stage.T0_PROMPT);
    assertThat(ledger.now().codePermille()).isZero();
    assertThat(ledger.promotedIdentities()).containsExactly(FIRST.identityDigest());
  }

  @Test
  void shouldCountADecisionOnce() {
    UUID id = UUID.randomUUID();
    var rejected = new CandidateRejected(FIRST, CANDIDATE, VERDICT, "wrong", List.of("f"));
    ledger.applyDecision(event(id, "webhook-triage", rejected));
    ledger.applyDecision(event(id, "webhook-triage", rejected));
    ledger.applyDecision(event(UUID.randomUUID(), "other", rejected));

    assertThat(ledger.candidates()).isEqualTo(new OracleLedger.Candidates(0, 1, 0, 0));
    assertThat(ledger.decisions(0)).hasSize(1);
    assertThat(ledger.decisions(1)).isEmpty();
  }

  @Test
  void shouldKnowWhereAnInputWasCompared() {
    count("fingerprint", "execution");

    assertThat(ledger.executionOf("fingerprint")).contains("execution");
    assertThat(ledger.executionOf("other")).isEmpty();
    assertThat(ledger.now().verdict()).contains(VERDICT);
  }

  @Test
  void shouldSayWhereEvidenceStandsAgainstItsThreshold() {
    count("fingerprint", "execution");

    assertThat(LINES.progress(1234, ledger.now(), 31, "$0.10"))
        .isEqualTo(
            "  1,234 answered · model serves · T0_PROMPT"
                + " · candidate 1: n 79, k 0, log E 3.70 of 3.69 · $0.10");
  }

  @Test
  void shouldSayWhatACandidateAboveItsThresholdLacks() {
    decide(new ShadowStarted(FIRST, CANDIDATE, VERDICT));
    count("a", Phase.SEALED, Result.AGREED);
    count("b", Phase.SHADOW, Result.AGREED);
    count("c", Phase.SHADOW, Result.DEOPTED);

    assertThat(LINES.progress(400, ledger.now(), 31, "$0.10"))
        .isEqualTo(
            "    400 answered · model serves · SHADOW"
                + " · candidate 1: n 79, k 0, log E 3.70 of 3.69, 1 of 30 live comparisons · $0.10");
  }

  @Test
  void shouldSayHowManyCallsACanaryHasServed() {
    decide(new CanaryStarted(FIRST, CANDIDATE, VERDICT, 200));
    count("a", Phase.SEALED, Result.AGREED);

    assertThat(LINES.progress(400, ledger.now(), 31, "$0.10"))
        .contains("code serves 20 % · CANARY", "log E 3.70 of 3.69, 31 of 40 calls");
    assertThat(LINES.progress(400, ledger.now(), 41, "$0.10")).contains("40 of 40 calls");
  }

  @Test
  void shouldCountAuditsApartFromShadowAndCanary() {
    decide(new CandidatePromoted(FIRST, CANDIDATE, VERDICT));
    count("a", Phase.SHADOW, Result.AGREED);
    count("b", Phase.CANARY, Result.AGREED);
    count("c", Phase.AUDIT, Result.AGREED);
    count("d", Phase.AUDIT, Result.DISAGREED);

    assertThat(LINES.progress(900, ledger.now(), 31, "$0.30"))
        .isEqualTo(
            "    900 answered · code serves 100 % · PROMOTED"
                + " · candidate 1: n 79, k 0, log E 3.70 · 2 audits, 1 wrong · $0.30");
  }

  @Test
  void shouldShowNoEvidenceOfACandidateThatIsDoneWith() {
    count("a", Phase.SEALED, Result.DISAGREED);
    decide(new CandidateRequested(FIRST, 2, "synthesis", List.of(), List.of("a")));
    count("b", Phase.SEALED, Result.DISAGREED);

    assertThat(ledger.now().verdict()).isEmpty();
  }

  @Test
  void shouldExplainWhyFurtherCandidatesMustProveMore() {
    var first = new CandidateRequested(FIRST, 1, "synthesis", List.of(), List.of());
    var second = new CandidateRequested(FIRST, 2, "synthesis", List.of(), List.of("a"));

    assertThat(LINES.of(first)).hasSize(1);
    assertThat(LINES.of(second).getLast()).contains("higher log E", "5 % chance of an error");
  }

  @Test
  void shouldNameWhatChangedTheIdentity() {
    assertThat(LINES.of(new IdentityChanged(SECOND, "11111111aaaa", "the prompt changed")))
        .containsExactly(
            "● a new identity (22222222…), because the prompt changed: candidates and evidence"
                + " begin anew");
  }

  @Test
  void shouldShowTheCounterexampleOfARejection() {
    var rejected =
        new CandidateRejected(FIRST, CANDIDATE, VERDICT, "wrong in 9", List.of("f", "g"));

    assertThat(LINES.of(rejected))
        .containsExactly(
            "✗ candidate 1 rejected: wrong in 9 (n 79, k 0, log E 3.70 of 3.69)",
            "    it got wrong: input f");
  }

  private void count(String fingerprint, String execution) {
    count(fingerprint, execution, Phase.SEALED, Result.AGREED);
  }

  private void count(String fingerprint, Phase phase, Result result) {
    count(fingerprint, "execution of " + fingerprint, phase, result);
  }

  private void count(String fingerprint, String execution, Phase phase, Result result) {
    EvidenceEvent counted =
        new ComparisonCounted(
            FIRST, CANDIDATE, fingerprint, execution, phase, result, "truth", VERDICT);
    ledger.applyEvidence(event(UUID.randomUUID(), "webhook-triage", counted));
  }

  private void decide(PromotionEvent decision) {
    ledger.applyDecision(event(UUID.randomUUID(), "webhook-triage", decision));
  }

  private static <E> Event<E> event(UUID id, String app, E body) {
    return new Event<>(
        Envelope.of(id, Instant.EPOCH, TenantId.DEFAULT, app, "service:oracle"), body);
  }
}
