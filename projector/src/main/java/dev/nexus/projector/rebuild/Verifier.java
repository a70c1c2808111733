package dev.nexus.projector.rebuild;

import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.rebuild.StoredPartition.MovedException;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.projector.stream.SnapshotFill;
import dev.nexus.projector.stream.UsableSnapshots;
import dev.nexus.topic.Topic.Keep;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Folds the log beside what is stored and compares the two, name by name and byte for byte but for
/// the order of fields inside a view, while projectors go on writing. What does not fit into a
/// small part of the memory is put aside on disk, so a partition may have any size.
public final class Verifier {
  private static final Logger LOG = LoggerFactory.getLogger(Verifier.class);

  static final int REPORTED = 100;

  private static final long IN_MEMORY = 48L << 20;
  private static final int ATTEMPTS = 3;
  private static final String BROKERS = "the brokers";
  private static final Duration SWEPT_WITHIN = Duration.ofSeconds(15);
  private static final Duration STEP = Duration.ofMillis(50);

  private final KafkaClients clients;
  private final RedisClient redis;
  private final List<Fold<?>> folds;
  private final Snapshots snapshots;
  private final Path directory;
  private final long inMemory;
  private final Duration sweptWithin;
  private final AtomicBoolean busy = new AtomicBoolean();

  /// `directory` is this process's own, for what does not fit in memory.
  public Verifier(
      KafkaClients clients,
      RedisClient redis,
      List<Fold<?>> folds,
      Snapshots snapshots,
      Path directory) {
    this(clients, redis, folds, snapshots, directory, IN_MEMORY, SWEPT_WITHIN);
  }

  /// @param inMemory bytes of a partition that are held in memory, about
  /// @param sweptWithin time that older generations are given to be gone
  Verifier(
      KafkaClients clients,
      RedisClient redis,
      List<Fold<?>> folds,
      Snapshots snapshots,
      Path directory,
      long inMemory,
      Duration sweptWithin) {
    this.clients = clients;
    this.redis = redis;
    this.folds = List.copyOf(folds);
    this.snapshots = snapshots;
    this.directory = directory;
    this.inMemory = inMemory;
    this.sweptWithin = sweptWithin;
  }

  /// Hears how far a verification is.
  public interface Watcher {
    Watcher NOBODY = new Watcher() {};

    /// What comes is of this partition: the first of a projection has the number 1.
    default void begins(String projection, int number, int partitions) {}

    /// So many of the records of a partition are folded.
    default void folded(Slot slot, long records, long of) {}

    /// So many names of a partition are compared.
    default void compared(Slot slot, long names) {}

    /// How it is put that Redis does not answer.
    default String silence(RedisException e) {
      return "Redis does not answer: " + e.getMessage();
    }

    /// How it is put that the brokers do not answer.
    default String silence(KafkaException e) {
      return "the brokers do not answer: " + e.getMessage();
    }

    /// Whether anybody still wants to know the outcome.
    default boolean wanted() {
      return true;
    }
  }

  /// Nobody wants to know the outcome any more.
  static final class UnwantedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  List<String> names() {
    return folds.stream().map(ProjectionName::of).toList();
  }

  /// As `verify` of everything, unwatched.
  public Verification verify(Duration patience) {
    return verify(Set.of(), patience, Watcher.NOBODY).orElseThrow();
  }

  /// Compares every partition of the projections named, or of all. Each is first given `patience`
  /// to be folded up to the log's present end; one that is further behind is compared where it is.
  ///
  /// @return empty when another verification is under way here
  Optional<Verification> verify(Set<String> names, Duration patience, Watcher watcher) {
    if (!busy.compareAndSet(false, true)) {
      return Optional.empty();
    }
    try (KafkaConsumer<String, byte[]> consumer =
        clients.scanningConsumer("projection-verifier", 1_000)) {
      Spills.clean(directory);
      var work = new Work(consumer, patience, watcher);
      folds.stream()
          .filter(fold -> names.isEmpty() || names.contains(ProjectionName.of(fold)))
          .forEach(work::verify);
      return Optional.of(work.outcome());
    } finally {
      Spills.clean(directory);
      busy.set(false);
    }
  }

  /// One verification.
  private final class Work {
    private final KafkaConsumer<String, byte[]> consumer;
    private final UsableSnapshots usable = new UsableSnapshots(snapshots, clients, folds);
    private final long deadline;
    private final Watcher watcher;
    private final List<Difference> differences = new ArrayList<>();
    private final List<String> notCompared = new ArrayList<>();
    private int partitions;
    private long records;
    private long names;
    private long different;

    /// Who does not answer any more, and how that is put; "" while all do.
    private String silent = "";

    private String silence = "";

    Work(KafkaConsumer<String, byte[]> consumer, Duration patience, Watcher watcher) {
      this.consumer = consumer;
      this.deadline = System.nanoTime() + patience.toNanos();
      this.watcher = watcher;
    }

    Verification outcome() {
      if (!silence.isEmpty() && partitions == 0 && different == 0) {
        return Verification.none(silence);
      }
      return new Verification(partitions, records, names, different, differences, notCompared);
    }

    void verify(Fold<?> fold) {
      String topic = clients.name(fold.topic());
      if (silent.equals(BROKERS)) {
        notCompared.add(notTried(topic)); // they alone know its partitions
        return;
      }
      List<Integer> numbers;
      try {
        numbers =
            consumer.partitionsFor(topic).stream().map(PartitionInfo::partition).sorted().toList();
      } catch (KafkaException e) {
        lost(BROKERS, watcher.silence(e), topic, e);
        return;
      }
      for (int i = 0; i < numbers.size(); i++) {
        watcher.begins(ProjectionName.of(fold), i + 1, numbers.size());
        verify(new Slot(topic, numbers.get(i)), fold);
      }
    }

    /// Who goes away takes nothing back of what was found, and is not waited for again. A log that
    /// has lost what was to be read is no such case: it answers.
    private void verify(Slot slot, Fold<?> fold) {
      if (!silent.isEmpty()) {
        notCompared.add(notTried(slot.toString()));
        return;
      }
      try {
        attempt(slot, fold);
      } catch (RedisException e) {
        lost("Redis", watcher.silence(e), slot.toString(), e);
      } catch (InvalidOffsetException e) {
        LOG.atInfo().setCause(e).addKeyValue("place", slot).log("deleted while it was verified");
        notCompared.add(slot + ": records that were to be folded were deleted meanwhile");
      } catch (KafkaException e) {
        lost(BROKERS, watcher.silence(e), slot.toString(), e);
      }
    }

    private String notTried(String place) {
      return place + ": " + silent + " had not answered before";
    }

    private void lost(String who, String how, String place, RuntimeException e) {
      LOG.atWarn().setCause(e).addKeyValue("place", place).log("verification lost " + who);
      silent = who;
      silence = how;
      notCompared.add(place + ": " + how);
    }

    private void attempt(Slot slot, Fold<?> fold) {
      String moved = "";
      for (int i = 0; i < ATTEMPTS; i++) {
        try (ProjectionStore store = new ProjectionStore(redis, "verifier")) {
          switch (awaitFolded(slot, store)) {
            case StoredPosition.At(_, _, _, var mark, _, _) when SnapshotFill.unfinished(mark) ->
                notCompared.add(slot + ": it is being filled from a snapshot");
            case StoredPosition.At(_, _, var from, var mark, _, _) ->
                compare(slot, fold, from, mark.generation(), mark.next());
            case StoredPosition.Newer(var form, _) ->
                notCompared.add(slot + ": a newer projector keeps its position in form " + form);
            case StoredPosition.None() ->
                notCompared.add(slot + ": nothing is stored, and no projector has begun it");
          }
          return;
        } catch (MovedException e) {
          moved = e.getMessage();
          pause();
        }
      }
      notCompared.add(moved + ", at each of " + ATTEMPTS + " attempts");
    }

    private StoredPosition awaitFolded(Slot slot, ProjectionStore store) {
      var partition = new TopicPartition(slot.topic(), slot.partition());
      long end = consumer.endOffsets(Set.of(partition)).getOrDefault(partition, 0L);
      StoredPosition stored = store.position(slot);
      // Positions move over the ends of transactions once a second, so this needs no haste.
      while (System.nanoTime() < deadline
          && !(stored instanceof StoredPosition.Newer)
          && !(stored instanceof StoredPosition.At(_, _, _, var mark, var open, _)
              && mark.next() >= end
              && !open)) {
        require(slot, stored instanceof StoredPosition.At at ? at.mark().next() : 0, end);
        pause();
        stored = store.position(slot);
      }
      return stored;
    }

    private void compare(Slot slot, Fold<?> fold, long from, String generation, long next) {
      List<Difference> found = new ArrayList<>();
      long[] count = {0};
      try (SpilledItems items = new SpilledItems(directory, inMemory);
          MemoryStore memory = new MemoryStore(items);
          StoredPartition stored = new StoredPartition(redis, slot, generation)) {
        var log = cursor(slot, fold, memory, from, next);
        if (log.since() != from && !(fold.topic().keep() instanceof Keep.Latest)) {
          notCompared.add(
              slot
                  + ": it was folded from "
                  + from
                  + ", and what the log and its snapshots have begins at "
                  + log.since());
          return;
        }
        log.foldTo(next, at -> require(slot, at, next));
        var comparison =
            new PartitionComparison(
                slot,
                generation,
                memory,
                log,
                stored,
                difference -> {
                  if (count[0]++ < REPORTED) {
                    found.add(difference);
                  }
                },
                done -> {
                  watcher.compared(slot, done);
                  requireWanted();
                });
        try {
          comparison.run();
          found.addAll(new Strays(redis, slot).find(sweptWithin));
        } catch (RedisException | KafkaException e) {
          keep(count[0], found); // these differ, whatever the rest does
          throw e;
        }
        partitions++;
        records += log.records();
        names += comparison.names();
      }
      keep(count[0], found);
    }

    private void keep(long count, List<Difference> found) {
      different += Math.max(count, found.size());
      found.stream().limit(REPORTED - differences.size()).forEach(differences::add);
    }

    /// Folds from the newest snapshot that has the same beginning, or from the log's.
    private LogCursor<?> cursor(
        Slot slot, Fold<?> fold, MemoryStore memory, long since, long next) {
      var partition = new TopicPartition(slot.topic(), slot.partition());
      long begin = consumer.beginningOffsets(Set.of(partition)).getOrDefault(partition, 0L);
      Optional<SnapshotTaken> snapshot =
          begin <= since
              ? Optional.empty()
              : usable.newest(slot, fold, begin, next).filter(taken -> taken.since() == since);
      snapshot.ifPresent(taken -> memory.restore(usable.series(fold), taken));
      return new LogCursor<>(slot, fold, memory, consumer, snapshot);
    }

    private void require(Slot slot, long records, long of) {
      watcher.folded(slot, records, of);
      requireWanted();
    }

    private void requireWanted() {
      if (!watcher.wanted()) {
        throw new UnwantedException();
      }
    }

    private void pause() {
      LockSupport.parkNanos(STEP.toNanos());
      requireWanted();
    }
  }
}
