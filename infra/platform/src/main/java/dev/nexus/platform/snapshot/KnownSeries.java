package dev.nexus.platform.snapshot;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.stream.Imprint;
import dev.nexus.topic.Topic;
import java.util.Optional;

/// What is known of the snapshots of one state, partition by partition.
///
/// @param owner whose state it is, and in which layout
/// @param topic it is made from
/// @param log which log that topic is
public record KnownSeries(SnapshotIndex index, Owner owner, Topic topic, String log) {
  /// A snapshot is written whole, so it waits until a part of it has changed.
  private static final int PART_THAT_CHANGES = 10;

  /// The newest whole snapshot from which a log that reaches from `begin` to `end` goes on.
  public Optional<SnapshotTaken> newest(int partition, long begin, long end) {
    return index.newest(owner, topic, partition, taken -> usable(taken, begin, end));
  }

  /// The newest announced one of those. Nobody looks whether its file is whole.
  Optional<SnapshotTaken> announced(int partition, long begin, long end) {
    return index.kept(owner, topic, partition).stream()
        .filter(taken -> usable(taken, begin, end))
        .findFirst();
  }

  /// Whether so much has come since the newest one that another is worth its writing, or whether it
  /// lacks a record from before `aging`, which the log does not keep much longer. Nobody looks
  /// whether that one's file is whole.
  boolean due(int partition, long begin, long end, long aging) {
    Optional<SnapshotTaken> announced = announced(partition, begin, end);
    long covered = announced.map(SnapshotTaken::next).orElse(begin);
    long enough = announced.map(taken -> taken.entries() / PART_THAT_CHANGES).orElse(0L);
    return end - covered > enough || covered < aging;
  }

  /// One whose last record is told in a form of a newer version cannot be compared with the log.
  private boolean usable(SnapshotTaken taken, long begin, long end) {
    return taken.log().equals(log)
        && taken.layout() == owner.layout()
        && taken.next() >= begin
        && taken.next() <= end
        && (taken.last().isEmpty() || Imprint.read(taken.last()).isPresent());
  }
}
