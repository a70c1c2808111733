package dev.nexus.projector.stream;

import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Progress;
import dev.nexus.projector.store.ProjectionStore;
import io.lettuce.core.RedisClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;

/// What one reader folds, and with what.
public record Projection(List<Fold<?>> folds, Parts parts) {
  public Projection {
    folds = List.copyOf(folds);
  }

  /// What all projections of a process are made with.
  ///
  /// @param instance name of this process among the projectors
  public record Parts(
      KafkaClients clients,
      RedisClient redis,
      Progress progress,
      DeadLetters deadLetters,
      Snapshots snapshots,
      MeterRegistry meters,
      Clock clock,
      String instance) {}

  public KafkaClients clients() {
    return parts.clients();
  }

  public RedisClient redis() {
    return parts.redis();
  }

  public Progress progress() {
    return parts.progress();
  }

  public DeadLetters deadLetters() {
    return parts.deadLetters();
  }

  public Snapshots snapshots() {
    return parts.snapshots();
  }

  public MeterRegistry meters() {
    return parts.meters();
  }

  public Clock clock() {
    return parts.clock();
  }

  public String instance() {
    return parts.instance();
  }

  public ProjectionStore newStore() {
    return new ProjectionStore(redis(), instance());
  }

  /// The snapshots its folds can go on from.
  public UsableSnapshots usableSnapshots() {
    return new UsableSnapshots(snapshots(), clients(), folds);
  }

  /// The same with some of its folds.
  public Projection of(List<Fold<?>> some) {
    return new Projection(some, parts);
  }
}
