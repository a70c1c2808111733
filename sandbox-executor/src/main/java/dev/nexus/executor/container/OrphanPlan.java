package dev.nexus.executor.container;

import dev.nexus.executor.container.Engine.Found;
import java.util.Collection;
import java.util.List;

/// Says which containers nobody has any more: pure, from what was found and who lives.
final class OrphanPlan {
  private OrphanPlan() {}

  /// The containers of executors that have died, and those of this one that it does not know, which
  /// it failed to remove. Of its own, those of services are known to whoever runs these.
  ///
  /// @param found containers of all executors with the same base
  /// @param living names of the executors that live
  /// @param own name of this one
  /// @param known its instances, asked for after the containers were
  static List<Found> orphans(
      List<Found> found, Collection<String> living, String own, Collection<String> known) {
    return found.stream()
        .filter(
            one -> {
              String executor = one.labels().getOrDefault(Engine.LABEL_EXECUTOR, "");
              String instance = one.labels().getOrDefault(Engine.LABEL_INSTANCE, "");
              return executor.equals(own)
                  ? !known.contains(instance) && !one.labels().containsKey(Engine.LABEL_SERVICE)
                  : !living.contains(executor);
            })
        .toList();
  }
}
