package dev.nexus.platform.snapshot;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent;
import dev.nexus.event.snapshot.SnapshotEvent.PositionCovered;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicFollower;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is known about the snapshots of the installation, followed on `nexus.snapshots`, and how
/// owners announce new ones. Of each state the newest two are kept.
public final class Snapshots implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);
  private static final int KEPT = 2;

  /// A file may be announced this long after it was written.
  private static final Duration ANNOUNCED_WITHIN = Duration.ofHours(1);

  private static final Duration KNOWN_WITHIN = Duration.ofSeconds(5);

  private final EventCodec<SnapshotEvent> codec =
      EventCodec.of(Topic.SNAPSHOTS, SnapshotEvent.class);
  private final EventProducer producer;
  private final SnapshotStore store;
  private final String instance;
  private final Clock clock;
  private final TopicFollower<SnapshotEvent> follower;
  private final Map<String, SnapshotEvent> byKey = new ConcurrentHashMap<>();

  /// @param instance name of this process
  public Snapshots(
      KafkaClients clients,
      EventProducer producer,
      DeadLetters deadLetters,
      SnapshotStore store,
      String instance,
      Clock clock) {
    this.producer = producer;
    this.store = store;
    this.instance = instance;
    this.clock = clock;
    this.follower =
        new TopicFollower<>(
            clients,
            codec,
            instance,
            deadLetters,
            (key, event, partition, offset) -> know(key, event == null ? null : event.body()));
  }

  private void know(String key, @Nullable SnapshotEvent event) {
    if (event == null) {
      byKey.remove(key);
    } else {
      byKey.put(key, event);
    }
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

  public SnapshotStore store() {
    return store;
  }

  /// Everything that is known, in no order.
  public Collection<SnapshotEvent> all() {
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

  private static boolean isOf(SnapshotEvent event, String owner, Topic topic, int partition) {
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
            .log("a snapshot is missing or damaged, and an older one is looked for");
      }
    }
    return Optional.empty();
  }

  private boolean isWhole(SnapshotTaken known) {
    try {
      return store.isWhole(known.file(), known.sha256());
    } catch (UncheckedIOException e) {
      LOG.atError().setCause(e).addKeyValue("file", known.file()).log("a snapshot is unreadable");
      return false;
    }
  }

  /// Announces a snapshot in the place of one that is worth nothing, or else of the older of the
  /// two; returns when the log has it. False when others have announced this one, or two newer
  /// ones, meanwhile: then its file is deleted. Throws `RequestNotAcceptedException` when the log
  /// does not take it and `IllegalStateException` when it does not say what was announced.
  public boolean announce(SnapshotTaken taken) {
    // Whoever stood still for a while would put it in the place of a newer one.
    follower.awaitCurrent(KNOWN_WITHIN);
    String[] keys = new String[KEPT];
    long[] worth = new long[KEPT];
    for (int slot = 0; slot < KEPT; slot++) {
      keys[slot] = key(taken) + "/" + slot;
      worth[slot] = worth(keys[slot], taken);
    }
    int older = worth[0] <= worth[1] ? 0 : 1;
    if (worth[older] >= taken.next() || worth[1 - older] == taken.next()) {
      store.delete(Set.of(taken.file()));
      return false;
    }
    append(keys[older], taken);
    // Another may have taken the same place since: it is the topic that says whose it is.
    follower.awaitCurrent(KNOWN_WITHIN);
    return true;
  }

  /// What an announced one is worth: one of another log or layout, or a damaged one, nothing.
  private long worth(String key, SnapshotTaken than) {
    return byKey.get(key) instanceof SnapshotTaken known
            && known.log().equals(than.log())
            && known.layout() == than.layout()
            && isWhole(known)
        ? known.next()
        : -1;
  }

  /// Takes back what was announced of a partition beyond its end: the log has lost that with the
  /// power, and something else will stand there. Returns when the log has it.
  public void retractBeyond(Topic topic, int partition, String log, long end) {
    byKey.forEach(
        (key, event) -> {
          if (isOf(event, event.owner(), topic, partition)
              && event.log().equals(log)
              && event.next() > end) {
            LOG.atWarn()
                .addKeyValue("snapshot", key)
                .addKeyValue("next", event.next())
                .addKeyValue("end", end)
                .log("the log has lost what a snapshot was made of: it is not used");
            producer.delete(Topic.SNAPSHOTS, key).join();
            byKey.remove(key, event);
          }
        });
  }

  /// Says up to where an owner without files no longer needs the log.
  public void announce(PositionCovered covered) {
    append(key(covered), covered);
    byKey.put(key(covered), covered);
  }

  private static String key(SnapshotEvent event) {
    return event.owner() + "/" + event.topic() + "/" + event.partition();
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

  /// The offset before which an owner needs nothing of a log any more, also if its newest snapshot
  /// should be damaged; empty when it did not say so for this log, in the layout that it uses now.
  public OptionalLong covered(Owner owner, Topic topic, int partition, String log) {
    List<SnapshotEvent> known =
        byKey.values().stream()
            .filter(event -> isOf(event, owner.name(), topic, partition))
            .filter(event -> event.log().equals(log) && isThere(event, owner.layout()))
            .toList();
    int expected = known.stream().anyMatch(PositionCovered.class::isInstance) ? 1 : KEPT;
    return known.size() < expected
        ? OptionalLong.empty()
        : known.stream().mapToLong(SnapshotEvent::next).min();
  }

  private boolean isThere(SnapshotEvent event, int layout) {
    return switch (event) {
      case SnapshotTaken taken -> taken.layout() == layout && store.has(taken.file());
      case PositionCovered _ -> true;
    };
  }

  /// Deletes files that are announced no more. A process that stood still for hours knows only what
  /// was announced before, and what others have announced since would look forgotten to it: so the
  /// files are chosen first, and then what is on the topic now is waited for. Throws
  /// `IllegalStateException` when that takes too long.
  public void tidy() {
    Set<String> old = store.namesBefore(clock.instant().minus(ANNOUNCED_WITHIN));
    if (old.isEmpty()) {
      return;
    }
    follower.awaitCurrent(KNOWN_WITHIN);
    byKey.values().forEach(event -> old.remove(fileOf(event)));
    store.delete(old);
  }

  @Override
  public void close() {
    follower.close();
  }
}
