package dev.nexus.platform.snapshot;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.snapshot.SnapshotEvent;
import dev.nexus.event.snapshot.SnapshotEvent.PositionCovered;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicFollower;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is known about the snapshots of the installation, followed on `nexus.snapshots`, and how
/// owners announce new ones. Of each state the newest two are kept.
public final class Snapshots implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

  /// A file may be announced this long after it was written.
  private static final Duration ANNOUNCED_WITHIN = Duration.ofHours(1);

  private static final Duration KNOWN_WITHIN = Duration.ofSeconds(5);

  private final EventCodec<SnapshotEvent> codec =
      EventCodec.of(Topic.SNAPSHOTS, SnapshotEvent.class);
  private final EventProducer producer;
  private final String instance;
  private final Clock clock;
  private final TopicFollower<SnapshotEvent> follower;
  private final SnapshotIndex index;

  /// @param instance name of this process
  public Snapshots(
      KafkaClients clients,
      EventProducer producer,
      DeadLetters deadLetters,
      SnapshotStore store,
      String instance,
      Clock clock) {
    this.producer = producer;
    this.index = new SnapshotIndex(store);
    this.instance = instance;
    this.clock = clock;
    this.follower =
        new TopicFollower<>(
            clients,
            codec,
            instance,
            deadLetters,
            (key, event, partition, offset) ->
                index.know(key, event == null ? null : event.body()));
  }

  /// Begins to follow; returns at once.
  public Snapshots start() {
    follower.start();
    return this;
  }

  /// Waits until everything that was announced before the start is known; throws
  /// `IllegalStateException` when `patience` runs out.
  public void awaitCaughtUp(Duration patience) {
    follower.awaitCaughtUp(patience);
  }

  /// What is known now; it goes on to change.
  public SnapshotIndex index() {
    return index;
  }

  public SnapshotStore store() {
    return index.store();
  }

  /// Announces a snapshot in the place of one that is worth nothing, or else of the older of the
  /// two; returns when the log has it. False when others have announced this one, or two newer
  /// ones, meanwhile: then its file is deleted. Throws `RequestNotAcceptedException` when the log
  /// does not take it and `IllegalStateException` when it does not say what was announced.
  public boolean announce(SnapshotTaken taken) {
    // Whoever stood still for a while would put it in the place of a newer one.
    follower.awaitCurrent(KNOWN_WITHIN);
    String[] keys = new String[SnapshotIndex.KEPT];
    long[] worth = new long[SnapshotIndex.KEPT];
    for (int slot = 0; slot < SnapshotIndex.KEPT; slot++) {
      keys[slot] = Announcement.key(taken) + "/" + slot;
      worth[slot] = worth(keys[slot], taken);
    }
    int older = worth[0] <= worth[1] ? 0 : 1;
    if (worth[older] >= taken.next() || worth[1 - older] == taken.next()) {
      store().delete(Set.of(taken.file()));
      return false;
    }
    append(keys[older], taken);
    // Another may have taken the same place since: it is the topic that says whose it is.
    follower.awaitCurrent(KNOWN_WITHIN);
    return true;
  }

  /// What an announced one is worth: one of another log or layout, or a damaged one, nothing.
  private long worth(String key, SnapshotTaken than) {
    return index.byKey().get(key) instanceof SnapshotTaken known
            && known.log().equals(than.log())
            && known.layout() == than.layout()
            && index.isWhole(known)
        ? known.next()
        : -1;
  }

  /// Takes back what was announced of a partition beyond its end: the log has lost that with the
  /// power, and something else will stand there. Returns when the log has it.
  public void retractBeyond(Topic topic, int partition, String log, long end) {
    index
        .byKey()
        .forEach(
            (key, event) -> {
              if (SnapshotIndex.isOf(event, event.owner(), topic, partition)
                  && event.log().equals(log)
                  && event.next() > end) {
                LOG.atWarn()
                    .addKeyValue("snapshot", key)
                    .addKeyValue("next", event.next())
                    .addKeyValue("end", end)
                    .log("the log has lost what a snapshot was made of: it is not used");
                producer.delete(Topic.SNAPSHOTS, key).join();
                index.byKey().remove(key, event);
              }
            });
  }

  /// Takes back a snapshot of records that the log has lost, though it reaches as far again, unless
  /// another stands in its place by now. Returns when the log has it; throws
  /// `IllegalStateException` when that does not say what was announced.
  void retract(SnapshotTaken lost) {
    follower.awaitCurrent(KNOWN_WITHIN);
    index
        .byKey()
        .forEach(
            (key, event) -> {
              if (event.equals(lost)) {
                LOG.atWarn()
                    .addKeyValue("snapshot", key)
                    .addKeyValue("next", lost.next())
                    .log("the log has other records where a snapshot ends: it is not used");
                producer.delete(Topic.SNAPSHOTS, key).join();
                index.byKey().remove(key, event);
              }
            });
  }

  /// Says up to where an owner without files no longer needs the log.
  public void announce(PositionCovered covered) {
    append(Announcement.key(covered), covered);
    index.know(Announcement.key(covered), covered);
  }

  private void append(String key, SnapshotEvent event) {
    var id =
        NameIds.uuid5("snapshot", key, event.log(), Long.toString(event.next()), fileOf(event));
    producer.append(
        codec,
        key,
        new Event<>(
            Envelope.of(id, clock.instant(), TenantId.DEFAULT, "", "service:" + instance), event));
  }

  private static String fileOf(SnapshotEvent event) {
    return switch (event) {
      case SnapshotTaken taken -> taken.file();
      case PositionCovered _ -> "";
    };
  }

  /// Deletes files that are announced no more. A process that stood still for hours knows only what
  /// was announced before, and what others have announced since would look forgotten to it: so the
  /// files are chosen first, and then what is on the topic now is waited for. Throws
  /// `IllegalStateException` when that takes too long.
  public void tidy() {
    Set<String> old = store().namesBefore(clock.instant().minus(ANNOUNCED_WITHIN));
    if (old.isEmpty()) {
      return;
    }
    follower.awaitCurrent(KNOWN_WITHIN);
    index.all().forEach(event -> old.remove(fileOf(event)));
    store().delete(old);
  }

  @Override
  public void close() {
    follower.close();
  }
}
