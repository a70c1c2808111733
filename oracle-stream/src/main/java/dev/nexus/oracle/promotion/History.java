package dev.nexus.oracle.promotion;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/// The identity a component has now, and what was tried for each it ever had.
///
/// @param identity "" before anything was decided
public record History(String identity, Map<String, Attempts> byIdentity) {
  public static final History NONE = new History("", Map.of());

  public History {
    byIdentity = Map.copyOf(byIdentity);
  }

  public Attempts attempts() {
    return byIdentity.getOrDefault(identity, Attempts.NONE);
  }

  History in(String otherIdentity) {
    return new History(otherIdentity, byIdentity);
  }

  History with(UnaryOperator<Attempts> change) {
    Map<String, Attempts> changed = new LinkedHashMap<>(byIdentity);
    changed.put(identity, change.apply(attempts()));
    return new History(identity, changed);
  }
}
