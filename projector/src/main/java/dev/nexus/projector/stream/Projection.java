package dev.nexus.projector.stream;

import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Progress;
import dev.nexus.projector.store.ProjectionStore;
import io.lettuce.core.RedisClient;
import java.time.Clock;
import java.util.List;

/// What one reader folds, and with what.
///
/// @param instance name of this process among the projectors
public record Projection(
    List<Fold<?>> folds,
    KafkaClients clients,
    RedisClient redis,
    Progress progress,
    DeadLetters deadLetters,
    Snapshots snapshots,
    Clock clock,
    String instance) {

  public ProjectionStore newStore() {
    return new ProjectionStore(redis, instance);
  }

  /// The snapshots its folds can go on from.
  public UsableSnapshots usableSnapshots() {
    return new UsableSnapshots(snapshots, clients, folds);
  }

  /// The same with some of its folds.
  public Projection of(List<Fold<?>> some) {
    return new Projection(some, clients, redis, progress, deadLetters, snapshots, clock, instance);
  }
}
