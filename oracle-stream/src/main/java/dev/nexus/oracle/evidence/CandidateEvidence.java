package dev.nexus.oracle.evidence;

import dev.nexus.event.Position;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The evidence about one candidate, folded from `nexus.evidence` in partition order. The live
/// oracle and a replay fold the same records by the same method.
public final class CandidateEvidence {
  /// Served calls that are remembered, so that none is recorded twice after a restart.
  private static final int CALLS_REMEMBERED = 50_000;

  private final double epsilon;
  private final Set<String> counted = new LinkedHashSet<>();
  private final Map<String, Result> notAgreed = new LinkedHashMap<>();
  private final Set<String> calls = new LinkedHashSet<>();
  private final Map<Integer, Long> judged = new HashMap<>();
  private Tally tally = Tally.NONE;

  public CandidateEvidence(double epsilon) {
    this.epsilon = epsilon;
  }

  /// Folds one record; `input` is the place of the compared input in nexus.executions.
  public void apply(ComparisonCounted event, Position input) {
    if (countsOnceAnInput(event.phase())) {
      if (!counted.add(event.fingerprint())) {
        return;
      }
      tally = tally.plus(event.phase(), event.result(), epsilon);
      if (event.result() != Result.AGREED) {
        notAgreed.put(event.fingerprint(), event.result());
      }
    } else {
      if (calls.size() >= CALLS_REMEMBERED) {
        calls.remove(calls.iterator().next());
      }
      calls.add(event.comparedExecution());
    }
    if (input.exists()) {
      judged.merge(input.inputPartition(), input.inputOffset() + 1, Math::max);
    }
  }

  /// SEALED and SHADOW feed the e-value, once an input; the others are recorded once a call.
  public static boolean countsOnceAnInput(Phase phase) {
    return switch (phase) {
      case SEALED, SHADOW -> true;
      case CANARY, AUDIT -> false;
    };
  }

  /// Fingerprints of the inputs that count, declined ones left out.
  public Set<String> counted() {
    Set<String> compared = new LinkedHashSet<>(counted);
    compared.removeAll(inputs(Result.DEOPTED));
    return compared;
  }

  public boolean hasInput(String fingerprint) {
    return counted.contains(fingerprint);
  }

  public boolean hasCall(String execution) {
    return calls.contains(execution);
  }

  /// What the tally would be with one more input.
  public Tally with(Phase phase, Result result) {
    return countsOnceAnInput(phase) ? tally.plus(phase, result, epsilon) : tally;
  }

  public Tally tally() {
    return tally;
  }

  /// Fingerprints of inputs with this result, in the order they were counted.
  public List<String> inputs(Result... results) {
    Set<Result> wanted = Set.of(results);
    List<String> found = new ArrayList<>();
    notAgreed.forEach(
        (fingerprint, result) -> {
          if (wanted.contains(result)) {
            found.add(fingerprint);
          }
        });
    return found;
  }

  /// For each partition of nexus.executions, the offset behind the last input judged.
  public Map<Integer, Long> judged() {
    return Collections.unmodifiableMap(judged);
  }
}
