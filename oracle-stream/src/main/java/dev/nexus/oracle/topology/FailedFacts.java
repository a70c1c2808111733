package dev.nexus.oracle.topology;

import dev.nexus.event.Position;
import java.util.HashSet;
import java.util.Set;

/// Facts that could be read and yet not be taken. What failed half-way leaves state that is worth
/// nothing, so the first failure of a fact makes its owner begin again from the log; a fact that
/// fails again, on fresh state, is put aside and passed from then on.
final class FailedFacts {
  private final Set<Position> once = new HashSet<>();
  private final Set<Position> passed = new HashSet<>();

  boolean passes(Position fact) {
    return passed.contains(fact);
  }

  /// Notes a failure; true when it is the second one, after which the fact is passed.
  boolean failedAgain(Position fact) {
    return !once.add(fact) && passed.add(fact);
  }
}
