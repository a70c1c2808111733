package dev.nexus.event.evidence;

import dev.nexus.event.Doc;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.PromotionEvent.Verdict;

/// One record a counted comparison, on `nexus.evidence`. Decisions are taken from this topic in
/// partition order, so the same log gives the same decisions.
public sealed interface EvidenceEvent {

  record ComparisonCounted(
      Subject subject,
      Candidate candidate,
      @Doc("SHA-256 of the canonical input: an input counts once a candidate.") String fingerprint,
      @Doc("Execution the input came from.") String comparedExecution,
      @Doc("Where the comparison was made.") Phase phase,
      @Doc("What it showed.") Result result,
      @Doc("What decided it: truth or model.") String decidedBy,
      Verdict verdict)
      implements EvidenceEvent {}

  /// Where a comparison comes from: recorded inputs under the seal, live inputs beside the model,
  /// or calls that code was asked to serve (CANARY) and that the model answered too (AUDIT). The
  /// first two count towards the e-value, once an input; the others are recorded once a call.
  enum Phase {
    SEALED,
    SHADOW,
    CANARY,
    AUDIT
  }

  enum Result {
    AGREED,
    DISAGREED,
    DEOPTED,
    ERROR
  }
}
