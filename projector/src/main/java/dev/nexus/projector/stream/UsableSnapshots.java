package dev.nexus.projector.stream;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.snapshot.SnapshotSeries;
import dev.nexus.platform.snapshot.SnapshotStore;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.Imprint;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogIdentity;
import dev.nexus.platform.stream.LostEnd;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Slot;
import dev.nexus.topic.Topic;
import dev.nexus.topic.Topic.Keep;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/// The snapshots that folds of this process can go on from, and which log their topics are now.
public final class UsableSnapshots {
  private final Snapshots snapshots;
  private final KafkaClients clients;
  private final Map<Topic, String> logs;

  public UsableSnapshots(Snapshots snapshots, KafkaClients clients, List<Fold<?>> folds) {
    this.snapshots = snapshots;
    this.clients = clients;
    this.logs = LogIdentity.of(clients, folds.stream().map(Fold::topic).toList());
  }

  /// Which log the topic of a fold is.
  public String log(Fold<?> fold) {
    return logs.getOrDefault(fold.topic(), "");
  }

  /// The newest whole snapshot of a partition that this fold made of this log, and from which the
  /// log goes on: it ends at `begin` or later, not after `end`, and the log has its last record.
  public Optional<SnapshotTaken> newest(Slot slot, Fold<?> fold, long begin, long end) {
    return series(fold)
        .newest(slot.partition(), begin, end, (last, next) -> isLost(slot, last, next));
  }

  /// Asks with a consumer of its own: the caller's stands elsewhere.
  private boolean isLost(Slot slot, Imprint last, long next) {
    var partition = new TopicPartition(slot.topic(), slot.partition());
    try (var looking = clients.scanningConsumer("projection-look-" + slot.partition(), 2)) {
      return LostEnd.isFelt(looking, partition, last, next, false);
    }
  }

  /// The log of a partition has lost its end: takes back what was announced of it beyond `begin`,
  /// as nobody knows any more where the log ended for a while. Of facts the router has taken back
  /// what had to be, before anything else was written there.
  public void doubt(Slot slot, Fold<?> fold, long begin) {
    if (!(fold.topic().keep() instanceof Keep.ByOwner)) {
      series(fold).retractBeyond(slot.partition(), begin);
    }
  }

  /// The snapshots of what a fold makes of its topic.
  public SnapshotSeries series(Fold<?> fold) {
    return new SnapshotSeries(snapshots, Owner.projector(fold.layout()), fold.topic(), log(fold));
  }

  public SnapshotStore files() {
    return snapshots.store();
  }
}
