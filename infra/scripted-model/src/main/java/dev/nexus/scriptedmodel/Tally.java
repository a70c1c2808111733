package dev.nexus.scriptedmodel;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/// Counters that many threads add to.
final class Tally {
  private final Map<Count, LongAdder> adders = new EnumMap<>(Count.class);

  Tally() {
    for (Count what : Count.values()) {
      adders.put(what, new LongAdder());
    }
  }

  void add(Count what) {
    add(what, 1);
  }

  void add(Count what, long amount) {
    adder(what).add(amount);
  }

  long of(Count what) {
    return adder(what).sum();
  }

  Map<Count, Long> all() {
    var all = new EnumMap<Count, Long>(Count.class);
    adders.forEach((what, adder) -> all.put(what, adder.sum()));
    return Collections.unmodifiableMap(all);
  }

  private LongAdder adder(Count what) {
    return Objects.requireNonNull(adders.get(what));
  }
}
