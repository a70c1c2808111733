package dev.nexus.projector.rebuild;

import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.service.RecurringService;
import dev.nexus.platform.snapshot.SnapshotSeries;
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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts what projections are into snapshots, now and then: folds the newest one and the tail of the
/// log, from the log alone, so that a fault in Redis never gets into one. Of compacted topics there
/// are none: they stay small. Of topics that are kept for a time, what comes is in one long before
/// the broker may delete it.
public final class SnapshotTaker extends RecurringService {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotTaker.class);
  private static final long IN_MEMORY = 32L << 20;
  private static final Duration LOOKED_EVERY = Duration.ofMinutes(1);
  private static final Duration KNOWN_WITHIN = Duration.ofSeconds(30);

  /// Of the time that a topic is kept, the part after which a record is in a snapshot: the rest is
  /// for a platform that stands still, or has no Redis.
  private static final int PART_UNCOVERED = 10;

  private static final Duration LONGEST_UNCOVERED = Duration.ofDays(3);

  private final Projection projection;
  private final Path directory;
  private final Duration every;

  /// @param directory this process's own, for what does not fit in memory
  /// @param every time that passes between two snapshots of a partition at least
  public SnapshotTaker(Projection projection, Path directory, Duration every) {
    super(
        "projection-snapshots",
        every.compareTo(LOOKED_EVERY) < 0 ? every : LOOKED_EVERY,
        First.AFTER_A_REST);
    this.projection = projection;
    this.directory = directory;
    this.every = every;
  }

  @Override
  protected void failed(Throwable failure) {
    if (failure instanceof RedisException) {
      LOG.atDebug().setCause(failure).log("no snapshot without Redis");
    } else {
      super.failed(failure);
    }
  }

  @Override
  protected void round() {
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
          SnapshotSeries series = snapshots.series(fold);
          if (fold.topic().keep() instanceof Keep.Forever) {
            series.retractBeyond(slot.partition(), end);
          }
          long aging = aging(fold.topic().keep(), consumer, partition, begin, end);
          if (series.due(slot.partition(), begin, end, aging)
              && mine(slot, fold.topic().keep(), redis.sync())) {
            take(slot, fold, consumer, series, snapshots.newest(slot, fold, begin, end), end);
          }
        }
      }
    } finally {
      Spills.clean(directory);
    }
  }

  /// How old a record may become before a snapshot has it, on a topic that is kept for so long. The
  /// broker deletes by its age, whatever snapshots have.
  static Duration uncovered(Duration kept) {
    return shorter(kept.dividedBy(PART_UNCOVERED), LONGEST_UNCOVERED);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /// The offset before which records are older than that; `begin` where age deletes nothing.
  private long aging(
      Keep keep,
      KafkaConsumer<String, byte[]> consumer,
      TopicPartition partition,
      long begin,
      long end) {
    if (!(keep instanceof Keep.For(var time))) {
      return begin;
    }
    long younger = projection.clock().instant().minus(uncovered(time)).toEpochMilli();
    var first = consumer.offsetsForTimes(Map.of(partition, younger)).get(partition);
    return first == null ? end : Math.min(first.offset(), end);
  }

  /// One projector at a time, and not sooner than it should be. Without Redis there is none, as
  /// nothing keeps two of them apart.
  private boolean mine(Slot slot, Keep keep, RedisCommands<String, String> redis) {
    Duration rest = keep instanceof Keep.For(var time) ? shorter(every, uncovered(time)) : every;
    var once = SetArgs.Builder.nx().px(rest.toMillis());
    return "OK".equals(redis.set("_:snapshot:" + slot, projection.instance(), once));
  }

  private void take(
      Slot slot,
      Fold<?> fold,
      KafkaConsumer<String, byte[]> consumer,
      SnapshotSeries series,
      Optional<SnapshotTaken> newest,
      long end) {
    try (SpilledItems items = new SpilledItems(directory, IN_MEMORY);
        MemoryStore memory = new MemoryStore(items)) {
      newest.ifPresent(taken -> memory.restore(series, taken));
      LogCursor<?> log = new LogCursor<>(slot, fold, memory, consumer, newest);
      log.foldTo(end, at -> requireOpen());
      series.take(
          slot.partition(),
          log.since(),
          end,
          log.last(),
          entries ->
              memory.items(
                  (item, value) -> {
                    requireOpen();
                    entries.put(item.getBytes(StandardCharsets.UTF_8), value);
                  }));
    }
  }
}
