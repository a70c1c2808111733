package dev.nexus.oracle.topology;

import dev.nexus.event.Json;
import dev.nexus.oracle.promotion.Seal;
import dev.nexus.oracle.topology.Call.Truth;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The inputs of one component in one identity, each with the calls it came by, in the order the
/// oracle read them. Bounded: the first inputs (they are the examples) and the newest stay.
final class Recordings {
  private static final int MOST_INPUTS = 4_000;
  private static final long MOST_CHARACTERS = 64_000_000;
  private static final int MOST_CALLS = 32;
  private static final int FIRST_KEPT = 100;

  private final Map<String, Recording> byFingerprint = new LinkedHashMap<>();
  private long characters;

  private record Recording(Json input, List<Call> calls) {}

  void add(Call call, Json input) {
    Recording recording = byFingerprint.get(call.fingerprint());
    if (recording == null) {
      recording = new Recording(input, new ArrayList<>(2));
      byFingerprint.put(call.fingerprint(), recording);
      characters += input.text().length();
      shrink();
    }
    recording.calls().add(call);
    if (recording.calls().size() > MOST_CALLS) {
      recording.calls().remove(1);
    }
  }

  private void shrink() {
    while (byFingerprint.size() > FIRST_KEPT + 1
        && (byFingerprint.size() > MOST_INPUTS || characters > MOST_CHARACTERS)) {
      Iterator<Recording> oldest = byFingerprint.values().iterator();
      for (int i = 0; i < FIRST_KEPT; i++) {
        oldest.next();
      }
      characters -= oldest.next().input().text().length();
      oldest.remove();
    }
  }

  Optional<Json> input(String fingerprint) {
    return Optional.ofNullable(byFingerprint.get(fingerprint)).map(Recording::input);
  }

  List<Json> inputs(Collection<String> fingerprints) {
    return fingerprints.stream().flatMap(f -> input(f).stream()).toList();
  }

  /// The first call with this input whose right answer is known.
  Optional<Call> answered(String fingerprint, Truth truth) {
    Recording recording = byFingerprint.get(fingerprint);
    return recording == null
        ? Optional.empty()
        : recording.calls().stream().filter(call -> call.right(truth).isPresent()).findFirst();
  }

  /// The first inputs whose right answer is known, at most `count`.
  List<Call> first(int count, Truth truth) {
    return byFingerprint.keySet().stream()
        .flatMap(fingerprint -> answered(fingerprint, truth).stream())
        .limit(count)
        .toList();
  }

  /// For each distinct input under the seal whose right answer is known, the first such call.
  List<Call> sealed(Seal seal, Collection<String> shown, Truth truth) {
    List<Call> sealed = new ArrayList<>();
    byFingerprint.forEach(
        (fingerprint, recording) -> {
          if (!shown.contains(fingerprint)) {
            recording.calls().stream()
                .filter(call -> seal.covers(call.position()) && call.right(truth).isPresent())
                .findFirst()
                .ifPresent(sealed::add);
          }
        });
    return sealed;
  }

  /// For each partition, the offset behind the last of these calls.
  static Map<Integer, Long> ends(Collection<Call> calls) {
    Map<Integer, Long> ends = new HashMap<>();
    for (Call call : calls) {
      ends.merge(call.position().inputPartition(), call.position().inputOffset() + 1, Math::max);
    }
    return ends;
  }
}
