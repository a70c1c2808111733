package dev.nexus.oracle.topology;

import dev.nexus.event.Position;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import dev.nexus.oracle.evidence.CandidateEvidence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The evidence about every candidate of one component, by identity and candidate number.
final class EvidenceBooks {
  private final Map<String, TreeMap<Integer, CandidateEvidence>> byIdentity = new HashMap<>();

  /// Folds a record of nexus.evidence.
  void apply(ComparisonCounted event, Position input) {
    book(
            event.subject().identityDigest(),
            event.candidate().candidateNumber(),
            event.verdict().epsilon())
        .apply(event, input);
  }

  CandidateEvidence book(String identity, int candidateNumber, double epsilon) {
    return byIdentity
        .computeIfAbsent(identity, _ -> new TreeMap<>())
        .computeIfAbsent(candidateNumber, _ -> new CandidateEvidence(epsilon));
  }

  /// Behind which offsets nothing was judged for this identity, one map a candidate.
  List<Map<Integer, Long>> judged(String identity) {
    List<Map<Integer, Long>> judged = new ArrayList<>();
    for (CandidateEvidence book : books(identity).values()) {
      judged.add(book.judged());
    }
    return judged;
  }

  /// Inputs with one of these results, of the newest candidate first.
  Set<String> failed(String identity, Result... results) {
    Set<String> failed = new LinkedHashSet<>();
    for (CandidateEvidence book : books(identity).descendingMap().values()) {
      failed.addAll(book.inputs(results));
    }
    return failed;
  }

  /// Every input a candidate of this identity was compared on.
  Set<String> counted(String identity) {
    Set<String> counted = new LinkedHashSet<>();
    for (CandidateEvidence book : books(identity).values()) {
      counted.addAll(book.counted());
    }
    return counted;
  }

  private TreeMap<Integer, CandidateEvidence> books(String identity) {
    return byIdentity.getOrDefault(identity, new TreeMap<>());
  }
}
