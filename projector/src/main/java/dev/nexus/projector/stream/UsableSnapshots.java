package dev.nexus.projector.stream;

import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.snapshot.Owner;
import dev.nexus.platform.snapshot.SnapshotStore;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogIdentity;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Slot;
import dev.nexus.topic.Topic;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The snapshots that folds of this process can go on from, and which log their topics are now.
public final class UsableSnapshots {
  private final Snapshots snapshots;
  private final Map<Topic, String> logs;

  public UsableSnapshots(Snapshots snapshots, KafkaClients clients, List<Fold<?>> folds) {
    this.snapshots = snapshots;
    this.logs = LogIdentity.of(clients, folds.stream().map(Fold::topic).toList());
  }

  /// Which log the topic of a fold is.
  public String log(Fold<?> fold) {
    return logs.getOrDefault(fold.topic(), "");
  }

  /// The newest whole snapshot of a partition that this fold made of this log, and from which the
  /// log goes on: it ends at `begin` or later, and not after `end`.
  public Optional<SnapshotTaken> newest(Slot slot, Fold<?> fold, long begin, long end) {
    return snapshots.newest(
        Owner.PROJECTOR, fold.topic(), slot.partition(), taken -> usable(taken, fold, begin, end));
  }

  /// The same as it was announced: nobody has looked whether its file is whole.
  public Optional<SnapshotTaken> announced(Slot slot, Fold<?> fold, long begin, long end) {
    return snapshots.kept(Owner.PROJECTOR, fold.topic(), slot.partition()).stream()
        .filter(taken -> usable(taken, fold, begin, end))
        .findFirst();
  }

  private boolean usable(SnapshotTaken taken, Fold<?> fold, long begin, long end) {
    return taken.log().equals(log(fold))
        && taken.layout() == fold.layout()
        && taken.next() >= begin
        && taken.next() <= end;
  }

  public SnapshotStore files() {
    return snapshots.store();
  }

  public Snapshots all() {
    return snapshots;
  }
}
