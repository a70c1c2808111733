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
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
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

  /// The kept snapshots of a state, the newest first, whatever log they are of.
  public List<SnapshotTaken> kept(String owner, Topic topic, int partition) {
    return byKey.values().stream()
        .filter(SnapshotTaken.class::isInstance)
        .map(SnapshotTaken.class::cast)
        .filter(known -> isOf(known, owner, topic, partition))
        .sorted(Comparator.comparingLong(SnapshotTaken::next).reversed())
        .toList();
  }

  private static boolean isOf(SnapshotEvent event, String owner, Topic topic, int partition) {
    return event.owner().equals(owner)
        && event.topic().equals(topic.topicName())
        && event.partition() == partition;
  }

  /// The newest snapshot that the caller can use and whose file is whole.
  public Optional<SnapshotTaken> newest(
      String owner, Topic topic, int partition, Predicate<SnapshotTaken> usable) {
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

  /// Announces a snapshot in the place of a damaged one, or else of the older of the two; returns
  /// when the log has it. Throws
  /// `RequestNotAcceptedException` when the log does not take it.
  public void announce(SnapshotTaken taken) {
    String[] keys = new String[KEPT];
    for (int slot = 0; slot < KEPT; slot++) {
      keys[slot] = key(taken) + "/" + slot;
    }
    append(worth(keys[0], taken) <= worth(keys[1], taken) ? keys[0] : keys[1], taken);
  }

  /// What an announced one is worth: one of another log, or a damaged one, nothing.
  private long worth(String key, SnapshotTaken than) {
    return byKey.get(key) instanceof SnapshotTaken known
            && known.log().equals(than.log())
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
    byKey.put(key, event);
  }

  private static String fileOf(SnapshotEvent event) {
    return switch (event) {
      case SnapshotTaken taken -> taken.file();
      case PositionCovered _ -> "";
    };
  }

  /// The offset before which an owner needs nothing of a log any more, also if its newest snapshot
  /// should be damaged; empty when it did not say so for this log.
  public OptionalLong covered(String owner, Topic topic, int partition, String log) {
    List<SnapshotEvent> known =
        byKey.values().stream()
            .filter(event -> isOf(event, owner, topic, partition) && event.log().equals(log))
            .filter(event -> !(event instanceof SnapshotTaken taken) || store.has(taken.file()))
            .toList();
    int expected = known.stream().anyMatch(PositionCovered.class::isInstance) ? 1 : KEPT;
    return known.size() < expected
        ? OptionalLong.empty()
        : known.stream().mapToLong(SnapshotEvent::next).min();
  }

  /// Deletes files that are announced no more.
  public void tidy() {
    Set<String> named = new HashSet<>();
    byKey.values().forEach(event -> named.add(fileOf(event)));
    store.tidy(named, clock.instant().minus(ANNOUNCED_WITHIN));
  }

  @Override
  public void close() {
    follower.close();
  }
}
