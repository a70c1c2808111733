package dev.nexus.platform.snapshot;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent;
import dev.nexus.event.snapshot.SnapshotEvent.PositionCovered;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.topic.Topic;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What somebody knows of `nexus.snapshots`, and which of the files there still are. It writes
/// nothing and reads no topic: whoever follows the topic, or has read it once, says what stands
/// there. For any thread.
public final class SnapshotIndex {
  /// How many of each state are kept.
  public static final int KEPT = 2;

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotIndex.class);

  private final SnapshotStore store;
  private final Map<String, SnapshotEvent> byKey = new ConcurrentHashMap<>();

  public SnapshotIndex(SnapshotStore store) {
    this.store = store;
  }

  /// Takes what stands under a key, null when that was deleted. Throws `UnreadableRecordException`,
  /// and knows what it knew, where no owner can have written that.
  public void know(String key, @Nullable SnapshotEvent event) {
    if (event == null) {
      byKey.remove(key);
    } else {
      Announcement.require(key, event);
      byKey.put(key, event);
    }
  }

  public SnapshotStore store() {
    return store;
  }

  /// Everything that is known, by key.
  Map<String, SnapshotEvent> byKey() {
    return byKey;
  }

  /// Everything that is known, in no order.
  Collection<SnapshotEvent> all() {
    return List.copyOf(byKey.values());
  }

  /// The kept snapshots of a state, the newest first, whatever log and layout they are of.
  public List<SnapshotTaken> kept(Owner owner, Topic topic, int partition) {
    return byKey.values().stream()
        .filter(SnapshotTaken.class::isInstance)
        .map(SnapshotTaken.class::cast)
        .filter(known -> isOf(known, owner.name(), topic, partition))
        .sorted(Comparator.comparingLong(SnapshotTaken::next).reversed())
        .toList();
  }

  static boolean isOf(SnapshotEvent event, String owner, Topic topic, int partition) {
    return event.owner().equals(owner)
        && event.topic().equals(topic.topicName())
        && event.partition() == partition;
  }

  /// The newest snapshot that the caller can use and whose file is whole.
  Optional<SnapshotTaken> newest(
      Owner owner, Topic topic, int partition, Predicate<SnapshotTaken> usable) {
    for (SnapshotTaken known : kept(owner, topic, partition)) {
      if (usable.test(known)) {
        if (isWhole(known)) {
          return Optional.of(known);
        }
        LOG.atError()
            .addKeyValue("owner", owner)
            .addKeyValue("file", known.file())
            .log("a snapshot is missing, damaged or of a newer form: an older one is looked for");
      }
    }
    return Optional.empty();
  }

  boolean isWhole(SnapshotTaken known) {
    try {
      return store.isWhole(known.file(), known.sha256());
    } catch (UncheckedIOException e) {
      LOG.atError().setCause(e).addKeyValue("file", known.file()).log("a snapshot is unreadable");
      return false;
    }
  }

  /// The offset before which an owner needs nothing of a log any more, also if its newest snapshot
  /// should be damaged; empty when it did not say so for this log, in the layout that it uses now.
  public OptionalLong covered(Owner owner, Topic topic, int partition, String log) {
    List<SnapshotEvent> known = counting(owner, topic, partition, log);
    int expected = known.stream().anyMatch(PositionCovered.class::isInstance) ? 1 : KEPT;
    return known.size() < expected
        ? OptionalLong.empty()
        : known.stream().mapToLong(SnapshotEvent::next).min();
  }

  /// Where the snapshots of a state end that count for that, the newest first: the offsets of the
  /// first records that are not in them.
  List<Long> ends(Owner owner, Topic topic, int partition, String log) {
    return counting(owner, topic, partition, log).stream()
        .filter(SnapshotTaken.class::isInstance)
        .map(SnapshotEvent::next)
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  /// What an owner said for this log, in the layout that it uses now, and has the file of.
  private List<SnapshotEvent> counting(Owner owner, Topic topic, int partition, String log) {
    return byKey.values().stream()
        .filter(event -> isOf(event, owner.name(), topic, partition))
        .filter(event -> event.log().equals(log) && isThere(event, owner.layout()))
        .toList();
  }

  private boolean isThere(SnapshotEvent event, int layout) {
    return switch (event) {
      case SnapshotTaken taken -> taken.layout() == layout && store.has(taken.file());
      case PositionCovered _ -> true;
    };
  }
}
