package dev.nexus.projector.rebuild;

import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.snapshot.Owner;
import dev.nexus.platform.snapshot.SnapshotStore.Stored;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.stream.Projection;
import dev.nexus.projector.stream.UsableSnapshots;
import dev.nexus.topic.Topic.Keep;
import io.lettuce.core.RedisException;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts what projections are into snapshots, now and then: folds the newest one and the tail of the
/// log, from the log alone, so that a fault in Redis never gets into one. Of compacted topics there
/// are none: they stay small.
public final class SnapshotTaker implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotTaker.class);
  private static final long IN_MEMORY = 32L << 20;
  private static final Duration LOOKED_EVERY = Duration.ofMinutes(1);
  private static final Duration KNOWN_WITHIN = Duration.ofSeconds(30);

  /// A snapshot is written whole, so it waits until a part of it has changed.
  private static final int PART_THAT_CHANGES = 10;

  private final Projection projection;
  private final Path directory;
  private final Duration every;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /// @param directory this process's own, for what does not fit in memory
  /// @param every time that passes between two snapshots of a partition at least
  public SnapshotTaker(Projection projection, Path directory, Duration every) {
    this.projection = projection;
    this.directory = directory;
    this.every = every;
    this.thread = Thread.ofPlatform().daemon().name("projection-snapshots").unstarted(this::run);
  }

  @Override
  public String name() {
    return "projection-snapshots";
  }

  @Override
  public void start() {
    thread.start();
  }

  @Override
  public void awaitReady(Duration patience) {
    // Nobody waits for it.
  }

  @Override
  public boolean healthy() {
    return thread.isAlive();
  }

  private void run() {
    Duration rest = every.compareTo(LOOKED_EVERY) < 0 ? every : LOOKED_EVERY;
    try {
      while (!closing.await(rest.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          look();
        } catch (Closing e) {
          return;
        } catch (RedisException e) {
          LOG.atDebug().setCause(e).log("no snapshot without Redis");
        } catch (RuntimeException e) {
          LOG.atWarn().setCause(e).log("projections could not be put into a snapshot");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// This process ends.
  private static final class Closing extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private void look() {
    Spills.clean(directory);
    projection.snapshots().awaitCaughtUp(KNOWN_WITHIN);
    UsableSnapshots snapshots = projection.usableSnapshots();
    try (var redis = projection.redis().connect();
        KafkaConsumer<String, byte[]> consumer =
            projection.clients().scanningConsumer("projection-snapshots", 1_000)) {
      for (Fold<?> fold : projection.folds()) {
        if (fold.topic().keep() instanceof Keep.Latest) {
          continue;
        }
        String topic = projection.clients().name(fold.topic());
        for (var info : consumer.partitionsFor(topic)) {
          Slot slot = new Slot(topic, info.partition());
          var partition = new TopicPartition(topic, info.partition());
          long begin = consumer.beginningOffsets(Set.of(partition)).getOrDefault(partition, 0L);
          long end = consumer.endOffsets(Set.of(partition)).getOrDefault(partition, 0L);
          if (fold.topic().keep() instanceof Keep.Forever) {
            projection
                .snapshots()
                .retractBeyond(fold.topic(), slot.partition(), snapshots.log(fold), end);
          }
          var announced = snapshots.announced(slot, fold, begin, end);
          if (due(announced, begin, end) && mine(slot, redis.sync())) {
            var newest = snapshots.newest(slot, fold, begin, end);
            take(slot, fold, consumer, snapshots, newest, end);
          }
        }
      }
    } finally {
      Spills.clean(directory);
    }
    snapshots.all().tidy();
  }

  private static boolean due(Optional<SnapshotTaken> newest, long begin, long end) {
    long gathered = end - newest.map(SnapshotTaken::next).orElse(begin);
    return gathered > newest.map(taken -> taken.entries() / PART_THAT_CHANGES).orElse(0L);
  }

  /// One projector at a time, and not sooner than it should be. Without Redis there is none, as
  /// nothing keeps two of them apart.
  private boolean mine(Slot slot, RedisCommands<String, String> redis) {
    var once = SetArgs.Builder.nx().px(every.toMillis());
    return "OK".equals(redis.set("_:snapshot:" + slot, projection.instance(), once));
  }

  private void take(
      Slot slot,
      Fold<?> fold,
      KafkaConsumer<String, byte[]> consumer,
      UsableSnapshots snapshots,
      Optional<SnapshotTaken> newest,
      long end) {
    long began = System.nanoTime();
    try (SpilledItems items = new SpilledItems(directory, IN_MEMORY);
        MemoryStore memory = new MemoryStore(items)) {
      newest.ifPresent(taken -> memory.restore(snapshots.files(), taken.file()));
      LogCursor<?> log = new LogCursor<>(slot, fold, memory, consumer, newest);
      log.foldTo(end, at -> requireOpen());
      String name = Owner.PROJECTOR + "-" + slot.topic() + "-" + slot.partition() + "-" + end;
      Stored stored =
          snapshots
              .files()
              .write(
                  name,
                  entries ->
                      memory.items(
                          (item, value) -> {
                            requireOpen();
                            entries.put(item.getBytes(StandardCharsets.UTF_8), value);
                          }));
      snapshots
          .all()
          .announce(
              new SnapshotTaken(
                  Owner.PROJECTOR,
                  fold.topic().topicName(),
                  slot.partition(),
                  end,
                  log.since(),
                  snapshots.log(fold),
                  fold.layout(),
                  stored.name(),
                  stored.sha256(),
                  stored.bytes(),
                  stored.entries()));
      LOG.atInfo()
          .addKeyValue("partition", slot)
          .addKeyValue("position", end)
          .addKeyValue("records", log.records())
          .addKeyValue("entries", stored.entries())
          .addKeyValue("bytes", stored.bytes())
          .addKeyValue("ms", (System.nanoTime() - began) / 1_000_000)
          .log("projection put into a snapshot");
    }
  }

  private void requireOpen() {
    if (closing.getCount() == 0) {
      throw new Closing();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
