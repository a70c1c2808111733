package dev.nexus.oracle.promotion;

import dev.nexus.oracle.evidence.Tally;
import dev.nexus.oracle.hotness.Hotness;
import java.util.List;

/// What the oracle learnt about a component.
public sealed interface PromotionCommand {

  /// Calls came in; a candidate may be due.
  ///
  /// @param shown fingerprints of the inputs the generator would be shown
  record ConsiderCandidate(
      Hotness hotness, Seal seal, List<String> shown, String synthesisExecution)
      implements PromotionCommand {}

  /// The generator answered with code that the static policy lets through.
  record ProposeCandidate(String source, String candidateHash, List<String> readPaths)
      implements PromotionCommand {}

  /// The generator failed, or its code may not run.
  ///
  /// @param candidateHash of the code that may not run; "" when none came, which uses up no
  /// candidate
  record RefuseCandidate(String reason, String candidateHash) implements PromotionCommand {}

  /// No generator can be asked, now or later, as long as the component has this identity.
  record GiveUp(String reason) implements PromotionCommand {}

  /// Evidence came in.
  ///
  /// @param sealedDone whether nothing under the seal is left to be compared
  /// @param counterexamples fingerprints of inputs it was wrong in, then of those it declined
  record WeighEvidence(Tally tally, boolean sealedDone, List<String> counterexamples)
      implements PromotionCommand {}

  /// Code served calls.
  ///
  /// @param served calls it served since the last step
  /// @param consecutiveErrors calls in a row, up to now, in which it failed
  record CountServed(long served, int consecutiveErrors, Tally tally, List<String> counterexamples)
      implements PromotionCommand {}

  /// The component has another prompt, model, schema, comparator or truth.
  ///
  /// @param reason which of them changed
  record ChangeIdentity(String identity, String reason, Tally tally) implements PromotionCommand {}

  /// The component may not be served by code any more.
  record Withdraw(String reason, Tally tally) implements PromotionCommand {}
}
