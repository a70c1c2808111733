package dev.nexus.platform.snapshot;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogPartitions;
import dev.nexus.topic.Topic;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;

/// Up to where nobody needs the facts of `nexus.executions` any more: the least that the router,
/// the projector and every partition of the oracle have said of this log. Who has not said so, or
/// only in a layout that is used no more, needs all of them.
public final class FactCoverage {
  private final SnapshotIndex snapshots;
  private final String log;
  private final List<Owner> owners;

  private FactCoverage(SnapshotIndex snapshots, String log, List<Owner> owners) {
    this.snapshots = snapshots;
    this.log = log;
    this.owners = owners;
  }

  /// As it is for the partitions that topics have now.
  ///
  /// @param log which log `nexus.executions` is
  public static FactCoverage now(
      SnapshotIndex snapshots, String log, KafkaClients clients, Admin admin)
      throws ExecutionException, InterruptedException {
    int oracles = LogPartitions.of(clients, admin, Topic.EVIDENCE).size();
    return new FactCoverage(snapshots, log, Owner.ofFacts(oracles));
  }

  /// The offset before which nobody needs a fact; 0 when somebody needs all.
  public long covered(int partition) {
    return owners.stream()
        .map(owner -> covered(owner, partition))
        .mapToLong(covered -> covered.orElse(0))
        .min()
        .orElse(0);
  }

  /// How far one of those who need facts has got with a partition.
  ///
  /// @param snapshots where its snapshots end, the newest first; none of an owner that keeps none
  /// @param covered the offset before which it needs nothing; empty where it may need all
  public record Reach(Owner owner, List<Long> snapshots, OptionalLong covered) {}

  /// How far each of them has got.
  public List<Reach> reaches(int partition) {
    return owners.stream()
        .map(
            owner ->
                new Reach(
                    owner,
                    snapshots.ends(owner, Topic.EXECUTIONS, partition, log),
                    covered(owner, partition)))
        .toList();
  }

  private OptionalLong covered(Owner owner, int partition) {
    return snapshots.covered(owner, Topic.EXECUTIONS, partition, log);
  }
}
