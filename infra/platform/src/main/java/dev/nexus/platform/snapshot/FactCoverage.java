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

  /// Those who did not say up to where they need nothing.
  public List<Owner> silent(int partition) {
    return owners.stream().filter(owner -> covered(owner, partition).isEmpty()).toList();
  }

  private OptionalLong covered(Owner owner, int partition) {
    return snapshots.covered(owner, Topic.EXECUTIONS, partition, log);
  }
}
