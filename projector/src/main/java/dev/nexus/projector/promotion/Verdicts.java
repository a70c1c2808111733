package dev.nexus.projector.promotion;

import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.Verdict;
import java.util.Map;

/// Candidates and verdicts as fields of a hash.
final class Verdicts {
  private Verdicts() {}

  static Map<String, String> with(Map<String, String> fields, Candidate candidate) {
    fields.put("candidateNumber", Integer.toString(candidate.candidateNumber()));
    fields.put("candidateHash", candidate.candidateHash());
    return fields;
  }

  static Map<String, String> with(
      Map<String, String> fields, Candidate candidate, Verdict verdict) {
    with(fields, candidate);
    put(fields, "", verdict);
    return fields;
  }

  /// `logE` must exceed `threshold` = ln(1/alpha).
  static void put(Map<String, String> fields, String prefix, Verdict verdict) {
    fields.put(prefix + "comparisons", Long.toString(verdict.comparisons()));
    fields.put(prefix + "disagreements", Long.toString(verdict.disagreements()));
    fields.put(prefix + "logE", Double.toString(verdict.logE()));
    fields.put(prefix + "alpha", Double.toString(verdict.alpha()));
    fields.put(prefix + "epsilon", Double.toString(verdict.epsilon()));
    fields.put(prefix + "deopts", Long.toString(verdict.deopts()));
  }

  static Map<String, String> cleared() {
    return Map.of(
        "comparisons",
        "0",
        "disagreements",
        "0",
        "logE",
        "0.0",
        "alpha",
        "0.0",
        "epsilon",
        "0.0",
        "deopts",
        "0");
  }
}
