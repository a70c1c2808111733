package dev.nexus.event.promotion;

import dev.nexus.event.Doc;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Why a component is served as it is, on `nexus.promotions`: one event an arrow of the tier state
/// machine, each with the evidence it was decided on.
public sealed interface PromotionEvent {
  Subject subject();

  /// T0_PROMPT: enough distinct inputs, and often enough, that code would pay.
  record ComponentFoundHot(
      Subject subject,
      @Doc("Calls seen.") long calls,
      @Doc("Distinct inputs seen.") long distinctInputs,
      @Doc("Distinct inputs that make it hot.") long threshold)
      implements PromotionEvent {}

  /// SYNTHESIZING: a generator was asked for code. It never sees what is under the seal.
  record CandidateRequested(
      Subject subject,
      @Doc("1, 2, 3 … for each identity.") int candidateNumber,
      @Doc("Execution of the synthesis.") String synthesisExecution,
      @Doc(
              "Recorded inputs kept from the generator, as partition:from-until offsets of"
                  + " nexus.executions (until is not part of it). The candidate is judged on"
                  + " these and on later inputs, never on earlier ones.")
          List<String> seal,
      @Doc("Fingerprints of the inputs the generator was shown.") List<String> shownFingerprints)
      implements PromotionEvent {}

  /// VERIFYING: the code exists, loads, and is compared on its sealed range.
  record CandidateProposed(
      Subject subject,
      Candidate candidate,
      @Doc("Source of the code.") String source,
      @Doc("Paths of the input it reads, such as repository.owner.type; guards cover these.")
          List<String> readPaths)
      implements PromotionEvent {}

  record CandidateRejected(
      Subject subject,
      Candidate candidate,
      Verdict verdict,
      @Doc("Why.") String reason,
      @Doc("Fingerprints of inputs it got wrong, shown once its range is retired.")
          List<String> counterexamples)
      implements PromotionEvent {}

  /// SHADOW: it runs beside the model on live calls.
  record ShadowStarted(Subject subject, Candidate candidate, Verdict verdict)
      implements PromotionEvent {}

  /// CANARY: it serves a share of calls.
  record CanaryStarted(
      Subject subject,
      Candidate candidate,
      Verdict verdict,
      @Doc("Share of calls it serves, in thousandths.") int codePermille)
      implements PromotionEvent {}

  record CandidatePromoted(Subject subject, Candidate candidate, Verdict verdict)
      implements PromotionEvent {}

  record CandidateDemoted(
      Subject subject, Candidate candidate, Verdict verdict, @Doc("Why.") String reason)
      implements PromotionEvent {}

  record RecompileRequested(Subject subject, Candidate candidate, @Doc("Why.") String reason)
      implements PromotionEvent {}

  record CooldownStarted(Subject subject, @Doc("When it ends.") Instant until)
      implements PromotionEvent {}

  /// Nothing more is tried for this identity.
  record ComponentPinned(Subject subject, @Doc("Why.") String reason) implements PromotionEvent {}

  /// Prompt, model, schema, comparator or truth changed: a new story with new evidence.
  record IdentityChanged(
      Subject subject,
      @Doc("Identity until now.") String previousIdentity,
      @Doc("Why.") String reason)
      implements PromotionEvent {}

  /// Which component, in which identity.
  record Subject(
      @Doc("Component.") String component,
      @Doc("Identity of the component: prompt, model, schemas, comparator and truth.")
          String identityDigest) {}

  record Candidate(
      @Doc("1, 2, 3 … for each identity.") int candidateNumber,
      @Doc("SHA-256 of the source.") String candidateHash) {}

  /// Where the evidence stands: E grows with agreement, 1/alpha is its threshold.
  record Verdict(
      @Doc("Comparisons counted.") long comparisons,
      @Doc("Disagreements among them.") long disagreements,
      @Doc("Natural logarithm of the e-value.") double logE,
      @Doc("Error probability this candidate may spend.") double alpha,
      @Doc("Disagreement rate to be excluded: 1 - target.") double epsilon,
      @Doc("Inputs the code declined.") long deopts) {

    /// Why no comparisons can have led to it; empty where they can.
    public Optional<String> fault() {
      if (disagreements < 0 || disagreements > comparisons || deopts < 0) {
        return Optional.of(
            "counts of 0 or more, and no more disagreements than comparisons expected, found "
                + "%d, %d and %d".formatted(comparisons, disagreements, deopts));
      }
      boolean rates = alpha >= 0 && alpha <= 1 && epsilon >= 0 && epsilon <= 1;
      return rates && Double.isFinite(logE)
          ? Optional.empty()
          : Optional.of(
              "rates of 0 to 1 and a logarithm expected, found %s, %s and %s"
                  .formatted(alpha, epsilon, logE));
    }
  }
}
