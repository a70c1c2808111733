package dev.nexus.projector.rebuild;

import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredName;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.projector.store.Track;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/// Names of a partition that should not be there: of generations that nobody reads or writes, or
/// none of ours. Older generations go when they are swept, so they are given time to.
final class Strays {
  private static final Duration STEP = Duration.ofMillis(300);

  private final RedisClient redis;
  private final Slot slot;

  Strays(RedisClient redis, Slot slot) {
    this.redis = redis;
    this.slot = slot;
  }

  private record Found(long count, String example) {
    Found plus(Found other) {
      return new Found(count + other.count, example);
    }
  }

  List<Difference> find(Duration sweptWithin) {
    long deadline = System.nanoTime() + sweptWithin.toNanos();
    Map<String, Found> found = look();
    while (!found.isEmpty() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(STEP.toNanos());
      found = look();
    }
    return found.entrySet().stream()
        .map(
            one ->
                new Difference(
                    slot,
                    0,
                    one.getValue().example(),
                    "nothing",
                    one.getValue().count()
                        + (one.getKey().isEmpty()
                            ? " names that are none of ours"
                            : " names of generation " + one.getKey() + ", which nobody reads")))
        .toList();
  }

  /// Names that do not belong, by generation.
  private Map<String, Found> look() {
    Map<String, Found> found = new TreeMap<>();
    try (ProjectionStore store = new ProjectionStore(redis, "verifier");
        var connection = redis.connect(ProjectionStore.CODEC)) {
      String live = generation(store, Track.LIVE);
      ScanIterator<String> names =
          ScanIterator.scan(connection.sync(), ScanArgs.Builder.matches(slot.glob()).limit(1_000));
      while (names.hasNext()) {
        String name = names.next();
        Optional<StoredName> parsed = StoredName.parse(name);
        String generation = parsed.map(StoredName::generation).orElse("");
        if (!generation.equals(live) && !parsed.map(StoredName::isPosition).orElse(false)) {
          found.merge(generation, new Found(1, name), Found::plus);
        }
      }
      // Read afterwards: what began meanwhile belongs.
      found.remove(generation(store, Track.SHADOW));
      found.remove(generation(store, Track.LIVE));
      found.remove(live);
      String givenUp = store.givenUp(slot);
      if (!givenUp.isEmpty()) {
        found.remove(givenUp);
      }
      return found;
    }
  }

  private String generation(ProjectionStore store, Track track) {
    return switch (store.position(slot, track)) {
      case StoredPosition.At at -> at.mark().generation();
      case StoredPosition.Newer(_, var generation) -> generation;
      case StoredPosition.None() -> "none";
    };
  }
}
