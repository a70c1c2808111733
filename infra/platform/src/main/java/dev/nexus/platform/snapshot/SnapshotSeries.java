package dev.nexus.platform.snapshot;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.snapshot.SnapshotStore.Entries;
import dev.nexus.platform.snapshot.SnapshotStore.Stored;
import dev.nexus.platform.stream.Imprint;
import dev.nexus.topic.Topic;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The snapshots of one state, partition by partition: which of them can be gone on from, when
/// another is due, and how it is taken. A file is synced before it is announced, and announced
/// before anything is deleted, so a process may be killed, or a disk be full, at any point: what is
/// half done is known to nobody, and the next attempt begins from what is known.
public final class SnapshotSeries {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotSeries.class);

  private final Snapshots snapshots;
  private final KnownSeries known;

  /// @param owner whose state it is, and in which layout
  /// @param topic it is made from
  /// @param log which log that topic is
  public SnapshotSeries(Snapshots snapshots, Owner owner, Topic topic, String log) {
    this.snapshots = snapshots;
    this.known = new KnownSeries(snapshots.index(), owner, topic, log);
  }

  /// Which log it is made from.
  public String log() {
    return known.log();
  }

  /// Reads a log where a snapshot ends.
  public interface Look {
    /// Whether the log has something else than `last` there, or behind it and before `next`.
    boolean isLost(Imprint last, long next);
  }

  /// The newest whole snapshot from which a log that reaches from `begin` to `end` goes on. One
  /// that ends with a record that the log has lost since, and has grown past, is taken back.
  public Optional<SnapshotTaken> newest(int partition, long begin, long end, Look look) {
    while (true) {
      Optional<SnapshotTaken> newest = known.newest(partition, begin, end);
      if (newest.filter(taken -> isLost(taken, begin, look)).isEmpty()) {
        return newest;
      }
      snapshots.retract(newest.get());
    }
  }

  private static boolean isLost(SnapshotTaken taken, long begin, Look look) {
    return Imprint.read(taken.last())
        .filter(last -> last.offset() >= begin && look.isLost(last, taken.next()))
        .isPresent();
  }

  /// Hands over what is in a snapshot.
  public void read(SnapshotTaken taken, Entries entries) {
    snapshots.store().read(taken.file(), entries);
  }

  /// Whether so much has come since the newest one that another is worth its writing. Nobody looks
  /// whether that one's file is whole.
  public boolean due(int partition, long begin, long end) {
    return due(partition, begin, end, begin);
  }

  /// The same, or whether the newest one lacks a record that the log does not keep much longer.
  ///
  /// @param aging offset before which records are that old; `begin` where none are
  public boolean due(int partition, long begin, long end, long aging) {
    return known.due(partition, begin, end, aging);
  }

  /// Takes one: writes what `content` puts into it, announces it, and deletes what is announced no
  /// more. Throws `UncheckedIOException` when the disk does not take it, and
  /// `RequestNotAcceptedException` or `IllegalStateException` when the log does not; then all is as
  /// it was, but for a file that nobody knows. What `content` throws is thrown on.
  ///
  /// @param since offset of the first record that may be in it
  /// @param next offset of the first record that is not
  /// @param last record that is in it, as far as that is known
  public void take(
      int partition, long since, long next, Optional<Imprint> last, Consumer<Entries> content) {
    long began = System.nanoTime();
    String owner = known.owner().name();
    String topic = known.topic().topicName();
    String place = owner + "-" + topic + "-" + partition + "-" + next;
    Stored stored = snapshots.store().write(place, content);
    var taken =
        new SnapshotTaken(
            owner,
            topic,
            partition,
            next,
            since,
            known.log(),
            known.owner().layout(),
            stored.name(),
            stored.sha256(),
            stored.bytes(),
            stored.entries(),
            last.map(Imprint::text).orElse(""));
    boolean announced = snapshots.announce(taken);
    LOG.atInfo()
        .addKeyValue("owner", owner)
        .addKeyValue("topic", topic)
        .addKeyValue("partition", partition)
        .addKeyValue("position", next)
        .addKeyValue("entries", stored.entries())
        .addKeyValue("bytes", stored.bytes())
        .addKeyValue("ms", (System.nanoTime() - began) / 1_000_000)
        .log(
            announced ? "state put into a snapshot" : "others have put this state into a snapshot");
    tidy();
  }

  private void tidy() {
    try {
      snapshots.tidy();
    } catch (RuntimeException e) {
      LOG.atWarn().setCause(e).log("files that are announced no more are deleted next time");
    }
  }

  /// Takes back what was announced of a partition beyond the end of its log.
  public void retractBeyond(int partition, long end) {
    snapshots.retractBeyond(known.topic(), partition, known.log(), end);
  }
}
