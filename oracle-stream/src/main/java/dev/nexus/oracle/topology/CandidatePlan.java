package dev.nexus.oracle.topology;

import dev.nexus.event.Json;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import dev.nexus.oracle.generation.SynthesisRequest;
import dev.nexus.oracle.generation.SynthesisRequest.Counterexample;
import dev.nexus.oracle.generation.SynthesisRequest.Example;
import dev.nexus.oracle.promotion.Attempts;
import dev.nexus.oracle.promotion.History;
import dev.nexus.oracle.promotion.Seal;
import dev.nexus.oracle.topology.Call.Truth;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What the next candidate would be asked with: the examples its generator is shown, and the seal
/// behind everything that earlier candidates were shown or judged on.
///
/// @param shown fingerprints of all inputs that generators of this identity were or are shown
/// @param request empty when no example is small enough to be shown
record CandidatePlan(Seal seal, List<String> shown, Optional<SynthesisRequest> request) {
  private static final int MOST_WRONG = 8;
  private static final int MOST_DECLINED = 4;

  /// What the plan is made from.
  record Known(
      Recordings recordings, EvidenceBooks books, History history, Definitions.Known definition) {}

  /// Empty while too few right answers are known.
  static Optional<CandidatePlan> of(Known known, Map<Integer, Long> read) {
    String identity = known.definition().identity();
    Attempts attempts = known.history().byIdentity().getOrDefault(identity, Attempts.NONE);
    int open = known.definition().component().promotion().openExamples();
    Truth truth = Truth.of(known.definition().component().truth());
    List<Call> examples = examples(known.recordings(), attempts, open, truth);
    if (examples.size() < open) {
      return Optional.empty();
    }
    List<Counterexample> counterexamples = counterexamples(known, truth);
    List<Map<Integer, Long>> taken = new ArrayList<>(known.books().judged(identity));
    taken.add(Recordings.ends(examples));
    taken.add(attempts.sealedEnds());
    Map<Example, String> fingerprints = new LinkedHashMap<>();
    for (Call call : examples) {
      Json input = known.recordings().input(call.fingerprint()).orElseThrow();
      fingerprints.put(new Example(input, call.right(truth).orElseThrow()), call.fingerprint());
    }
    Optional<SynthesisRequest> request =
        SynthesisRequest.fitting(
            known.definition().component(),
            attempts.candidates() + 1,
            List.copyOf(fingerprints.keySet()),
            counterexamples);
    Set<String> shown = new LinkedHashSet<>();
    request.ifPresent(
        r -> r.examples().forEach(e -> shown.add(Objects.requireNonNull(fingerprints.get(e)))));
    shown.addAll(attempts.shown());
    shown.addAll(failed(known));
    return Optional.of(new CandidatePlan(Seal.behind(taken, read), List.copyOf(shown), request));
  }

  /// The open inputs: chosen for the first candidate, the same for every later one as long as the
  /// log still has them.
  private static List<Call> examples(
      Recordings recordings, Attempts attempts, int open, Truth truth) {
    List<Call> examples = new ArrayList<>();
    for (String fingerprint : attempts.shown()) {
      if (examples.size() < open) {
        recordings.answered(fingerprint, truth).ifPresent(examples::add);
      }
    }
    for (Call call : recordings.first(open + attempts.shown().size(), truth)) {
      if (examples.size() < open && !attempts.shown().contains(call.fingerprint())) {
        examples.add(call);
      }
    }
    return examples;
  }

  /// Inputs of retired ranges that earlier candidates got wrong, then those they declined.
  private static List<String> failed(Known known) {
    String identity = known.definition().identity();
    Set<String> failed = new LinkedHashSet<>();
    known.books().failed(identity, Result.DISAGREED, Result.ERROR).stream()
        .limit(MOST_WRONG)
        .forEach(failed::add);
    known.books().failed(identity, Result.DEOPTED).stream()
        .limit(MOST_DECLINED)
        .forEach(failed::add);
    return List.copyOf(failed);
  }

  private static List<Counterexample> counterexamples(Known known, Truth truth) {
    Set<String> declined = known.books().failed(known.definition().identity(), Result.DEOPTED);
    List<Counterexample> counterexamples = new ArrayList<>();
    for (String fingerprint : failed(known)) {
      known
          .recordings()
          .answered(fingerprint, truth)
          .ifPresent(
              call ->
                  counterexamples.add(
                      new Counterexample(
                          known.recordings().input(fingerprint).orElseThrow(),
                          call.right(truth).orElseThrow(),
                          declined.contains(fingerprint))));
    }
    return counterexamples;
  }
}
