package dev.nexus.command.definition;

import dev.nexus.command.definition.Located.Items;
import dev.nexus.event.definition.PoolDefinition;
import java.util.List;
import java.util.Optional;

/// Reads one pool: which containers there are, how many, and what each may use.
final class PoolReader {
  static final String FIELD = "sandboxPools";

  private static final int USUAL_MOST = 2;

  private PoolReader() {}

  /// The pools of an application: a list, or an object with one, as the specification has it.
  static List<Located> items(FieldReader root) {
    Optional<Located> field = root.find(FIELD);
    if (field.isEmpty() || field.get() instanceof Items) {
      return root.list(FIELD);
    }
    return FieldReader.objectOf(FIELD, field.get(), root.faults())
        .map(
            inner -> {
              List<Located> items = inner.list("pools");
              inner.finish();
              return items;
            })
        .orElse(List.of());
  }

  static PoolDefinition read(FieldReader pool) {
    String name = pool.requiredText("poolName", ApplicationLoader.ID, ApplicationLoader.ID_SHAPE);
    String image = ContainerFields.image(pool, "dockerImage");
    int least = pool.integer("minInstances", 0, PoolDefinition.MOST_INSTANCES, 0);
    int most =
        pool.integer("maxInstances", 1, PoolDefinition.MOST_INSTANCES, Math.max(least, USUAL_MOST));
    if (most < least) {
      pool.faults()
          .add(
              pool.mark("maxInstances"),
              "wrong maxInstances",
              "at least the " + least + " of minInstances",
              Integer.toString(most));
    }
    ContainerFields.Limits limits = ContainerFields.limits(pool, PoolDefinition.LEAST_MEMORY);
    pool.withoutEffect("volumeMounts");
    pool.finish();
    return new PoolDefinition(name, image, least, most, limits.cpus(), limits.memoryBytes());
  }
}
