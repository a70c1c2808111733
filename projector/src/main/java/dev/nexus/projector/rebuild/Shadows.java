package dev.nexus.projector.rebuild;

import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.snapshot.SnapshotStore;
import dev.nexus.projector.store.Beginning;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.projector.store.Sweeper;
import dev.nexus.projector.store.Track;
import dev.nexus.projector.stream.Generations;
import dev.nexus.projector.stream.LogLoss;
import dev.nexus.projector.stream.Projection;
import dev.nexus.projector.stream.SnapshotFill;
import dev.nexus.projector.stream.UsableSnapshots;
import dev.nexus.topic.Topic.Keep;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// Begins, finds and gives up the shadows of partitions.
final class Shadows {
  private static final int ATTEMPTS = 10;

  private final Projection projection;
  private final ProjectionStore store;
  private final KafkaConsumer<String, byte[]> consumer;
  private final UsableSnapshots snapshots;

  Shadows(Projection projection, ProjectionStore store, KafkaConsumer<String, byte[]> consumer) {
    this.projection = projection;
    this.store = store;
    this.consumer = consumer;
    this.snapshots = projection.usableSnapshots();
  }

  /// Why a rebuild of this partition would make something worse, or cannot begin; "" when neither.
  String objection(Slot slot, Fold<?> fold) {
    if (position(slot) instanceof StoredPosition.Newer(var form, _)) {
      return "a rebuild of "
          + slot
          + " was begun by a newer version, its shadow in form "
          + form
          + ": go on with it with that version, or stop it ('./nexus rebuild --stop')";
    }
    StoredPosition stored = store.position(slot);
    if (stored instanceof StoredPosition.Newer(var form, _)) {
      return slot
          + " is kept by a newer version, its position in form "
          + form
          + ": rebuild it with that version";
    }
    if (!(stored instanceof StoredPosition.At(_, var layout, var from, _, _, _))) {
      return "";
    }
    if (layout > fold.layout()) {
      return slot
          + " is kept by a newer version in layout "
          + layout
          + ": rebuild it with that version";
    }
    long beginning = beginning(slot);
    Optional<SnapshotTaken> snapshot = snapshots.newest(slot, fold, beginning, end(slot));
    return !(fold.topic().keep() instanceof Keep.Latest)
            && snapshot.map(SnapshotTaken::since).orElse(beginning) > from
        ? slot
            + " was folded from "
            + from
            + ", and the log begins at "
            + beginning
            + snapshot.map(s -> ", its newest snapshot at " + s.since()).orElse("")
            + ": a rebuild would forget what was before"
        : "";
  }

  /// Where a shadow goes on.
  ///
  /// @param snapshot that is to fill it first
  /// @param resumed whether the rebuild before has begun it
  record Start(Mark mark, Optional<SnapshotTaken> snapshot, boolean resumed) {
    Building.Source source() {
      return resumed
          ? Building.Source.REBUILD
          : snapshot.isPresent() ? Building.Source.SNAPSHOT : Building.Source.LOG;
    }
  }

  /// The position a shadow goes on from, begun where there was none; empty when the partition needs
  /// none, because nothing is stored or its reader is about to begin it anew.
  ///
  /// @param lease number of the lease under which it is built
  Optional<Start> begin(Slot slot, Fold<?> fold, long lease) {
    for (int i = 0; i < ATTEMPTS; i++) {
      if (!(store.position(slot) instanceof StoredPosition.At(var log, _, _, var live, _, _))
          || !log.equals(logOf(fold))) {
        return Optional.empty();
      }
      Optional<Mark> left = usable(slot, fold);
      if (left.isPresent() && store.takeUp(slot, left.get().generation(), lease)) {
        return Optional.of(new Start(left.get(), Optional.empty(), true));
      }
      giveUp(slot, lease);
      long logBegin = beginning(slot);
      var snapshot = snapshots.newest(slot, fold, logBegin, end(slot));
      Mark beginning =
          new Mark(
              Generations.after(live.generation(), projection.clock()),
              snapshot.map(SnapshotFill::beginning).orElse(logBegin));
      long since = snapshot.map(SnapshotTaken::since).orElse(logBegin);
      if (store.beginShadow(
          slot,
          live.generation(),
          logOf(fold),
          fold.layout(),
          new Beginning(since, beginning, beginning.next()),
          lease)) {
        return Optional.of(new Start(beginning, snapshot, false));
      }
    }
    throw new IllegalStateException("others keep changing the position of " + slot);
  }

  /// A shadow that an ended rebuild left, when it was made from this log by the same fold, and the
  /// log has not lost its end since.
  private Optional<Mark> usable(Slot slot, Fold<?> fold) {
    if (!(store.position(slot, Track.SHADOW)
            instanceof StoredPosition.At(var log, var layout, _, var mark, var open, var last))
        || !log.equals(logOf(fold))
        || layout != fold.layout()
        || open) {
      return Optional.empty();
    }
    long begin = beginning(slot);
    if (mark.next() < begin) {
      return Optional.empty();
    }
    if (mark.next() > end(slot)
        || (last.isPresent()
            && LogLoss.isFelt(consumer, slot, fold, last.get(), mark.next(), begin))) {
      snapshots.doubt(slot, fold, begin);
      return Optional.empty();
    }
    return Optional.of(mark);
  }

  /// Files of the snapshots.
  SnapshotStore files() {
    return snapshots.files();
  }

  StoredPosition position(Slot slot) {
    return store.position(slot, Track.SHADOW);
  }

  /// Whether what is read is no older than a generation that was built: it took over, or the
  /// partition was begun anew since. Where nothing is stored it is about to be begun anew.
  boolean isReplaced(Slot slot, String built) {
    return !(store.position(slot) instanceof StoredPosition.At live)
        || live.mark().generation().compareTo(built) >= 0;
  }

  /// Ends the shadow there may be, unless a later lease has it, and deletes what it left, also one
  /// whose deletion was cut off.
  void giveUp(Slot slot, long lease) {
    if (position(slot) instanceof StoredPosition.At shadow) {
      giveUp(slot, shadow.mark().generation(), lease);
    } else {
      sweep(slot);
    }
  }

  /// The same for whoever was asked to stop: also of a shadow that a newer version has begun, of
  /// which nothing is known but its generation.
  void stop(Slot slot, long lease) {
    if (position(slot) instanceof StoredPosition.Newer(_, var generation)) {
      giveUp(slot, generation, lease);
    } else {
      giveUp(slot, lease);
    }
  }

  /// The same of a shadow of this generation, and of no other.
  void giveUp(Slot slot, String generation, long lease) {
    store.giveUp(slot, generation, lease);
    sweep(slot);
  }

  private void sweep(Slot slot) {
    String givenUp = store.givenUp(slot);
    if (!givenUp.isEmpty()) {
      Sweeper.generation(projection.redis(), slot, givenUp);
      store.forgetGivenUp(slot, givenUp);
    }
  }

  private long beginning(Slot slot) {
    TopicPartition partition = new TopicPartition(slot.topic(), slot.partition());
    return consumer.beginningOffsets(Set.of(partition)).getOrDefault(partition, 0L);
  }

  private long end(Slot slot) {
    TopicPartition partition = new TopicPartition(slot.topic(), slot.partition());
    return consumer.endOffsets(Set.of(partition)).getOrDefault(partition, 0L);
  }

  private String logOf(Fold<?> fold) {
    return snapshots.log(fold);
  }
}
