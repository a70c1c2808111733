package dev.nexus.executor.service;

import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.executor.service.ServiceCaps.Wish;
import dev.nexus.executor.service.ServiceListener.Container;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// Says which services may not run here, as those that do take all that they may, and tells of each
/// once.
final class Admission {
  private final ServiceCaps caps;
  private volatile Map<ServiceKey, String> refused = Map.of();

  Admission(ServiceCaps caps) {
    this.caps = caps;
  }

  /// Looks anew.
  ///
  /// @param defined services of this executor
  /// @param kept whether one runs as it is defined: it keeps its place, the rest follows by name
  void look(
      Map<ServiceKey, ServiceDefinition> defined, Predicate<Wish> kept, ServiceListener listener) {
    List<Wish> inOrder =
        defined.entrySet().stream()
            .map(entry -> new Wish(entry.getKey(), entry.getValue()))
            .sorted(
                Comparator.comparing((Wish wish) -> !kept.test(wish))
                    .thenComparing(wish -> wish.key().text()))
            .toList();
    Map<ServiceKey, String> before = refused;
    Map<ServiceKey, String> now = caps.refused(inOrder);
    refused = now;
    for (Wish wish : inOrder) {
      String why = now.get(wish.key());
      if (why != null && !before.containsKey(wish.key())) {
        listener.refused(new Container(wish.key(), "", wish.definition().image(), false, 0), why);
      }
    }
  }

  boolean admits(ServiceKey key) {
    return !refused.containsKey(key);
  }

  /// Why it may not run; "" where it may.
  String why(ServiceKey key) {
    return refused.getOrDefault(key, "");
  }
}
