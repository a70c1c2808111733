package dev.nexus.oracle.evidence;

import dev.nexus.event.evidence.EProcess;
import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import dev.nexus.event.promotion.PromotionEvent.Verdict;

/// What counts for one candidate so far.
///
/// @param live comparisons that were made beside the model, on live calls
/// @param deopts inputs the code declined, no comparisons
public record Tally(
    long comparisons, long disagreements, long live, long deopts, ErrorDetector detector) {
  public static final Tally NONE = new Tally(0, 0, 0, 0, ErrorDetector.START);

  /// With one more input; `phase` is SEALED or SHADOW.
  public Tally plus(Phase phase, Result result, double epsilon) {
    return switch (result) {
      case DEOPTED -> new Tally(comparisons, disagreements, live, deopts + 1, detector);
      case AGREED, DISAGREED, ERROR -> {
        boolean wrong = result != Result.AGREED;
        yield new Tally(
            comparisons + 1,
            disagreements + (wrong ? 1 : 0),
            live + (phase == Phase.SHADOW ? 1 : 0),
            deopts,
            detector.next(wrong, epsilon));
      }
    };
  }

  public Verdict verdict(double alpha, double epsilon) {
    return new Verdict(
        comparisons,
        disagreements,
        EProcess.logE(comparisons, disagreements, epsilon),
        alpha,
        epsilon,
        deopts);
  }

  /// Share of the inputs that the code declined.
  public double deoptRate() {
    long inputs = comparisons + deopts;
    return inputs == 0 ? 0 : (double) deopts / inputs;
  }

  public long inputs() {
    return comparisons + deopts;
  }

  /// Whether the errors are too many for more comparisons to help.
  public boolean disagreesTooOften(double epsilon) {
    return detector.level() >= 20 / epsilon;
  }

  /// Whether there were so many comparisons, 60/epsilon, that what they have not decided stays so.
  public boolean undecided(double epsilon) {
    return comparisons >= 60 / epsilon;
  }
}
