package dev.nexus.projector.promotion;

import dev.nexus.event.Envelope;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.PromotionEvent.Verdict;
import dev.nexus.projector.store.Fact;
import dev.nexus.topic.Keys;
import dev.nexus.wire.RecordKey;
import dev.nexus.wire.UnreadableRecordException;
import java.util.Map;

/// Candidates and verdicts as fields of a hash, and what is no record about them.
final class Verdicts {
  private Verdicts() {}

  /// Throws `UnreadableRecordException` where a record about a component has not its key.
  static void requireKey(Fact<?> fact, Subject subject) {
    Envelope envelope = fact.event().envelope();
    RecordKey.require(
        Keys.component(envelope.tenantId(), envelope.appId(), subject.component()),
        fact.recordKey());
  }

  /// Throws `UnreadableRecordException` for a verdict that no comparisons can have led to.
  static void require(Verdict verdict) {
    UnreadableRecordException.refuse(verdict.fault());
  }

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
