package dev.nexus.oracle.promotion;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What was tried for one identity so far. It outlives a change of the identity: coming back to an
/// old prompt goes on with its next candidate, at that candidate's share of alpha.
///
/// @param candidates candidates whose code came or is awaited
/// @param hashes number of each proposed source, by its hash
/// @param shown fingerprints of inputs that generators were shown
/// @param sealedEnds for each partition, the offset behind the last seal
public record Attempts(
    int candidates,
    Map<String, Integer> hashes,
    Set<String> shown,
    Map<Integer, Long> sealedEnds,
    boolean pinned) {
  public static final Attempts NONE = new Attempts(0, Map.of(), Set.of(), Map.of(), false);

  public Attempts {
    hashes = Map.copyOf(hashes);
    shown = Collections.unmodifiableSet(new LinkedHashSet<>(shown));
    sealedEnds = Map.copyOf(sealedEnds);
  }

  Attempts requested(int number, Seal seal, List<String> newlyShown) {
    Set<String> allShown = new LinkedHashSet<>(shown);
    allShown.addAll(newlyShown);
    Map<Integer, Long> ends = new TreeMap<>(sealedEnds);
    seal.ends().forEach((partition, end) -> ends.merge(partition, end, Math::max));
    return new Attempts(number, hashes, allShown, ends, pinned);
  }

  Attempts proposed(int number, String hash) {
    Map<String, Integer> all = new LinkedHashMap<>(hashes);
    all.putIfAbsent(hash, number);
    return new Attempts(candidates, all, shown, sealedEnds, pinned);
  }

  /// No code came: the number is free again, and with it its share of alpha. What was shown and
  /// sealed stays so.
  Attempts withoutCode(int number) {
    return new Attempts(number - 1, hashes, shown, sealedEnds, pinned);
  }

  /// Nothing more is tried for this identity.
  Attempts asPinned() {
    return new Attempts(candidates, hashes, shown, sealedEnds, true);
  }
}
