package dev.nexus.projector.stream;

import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.projector.store.Beginning;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.projector.store.Sweeper;
import dev.nexus.projector.store.Track;
import dev.nexus.topic.Topic.Keep;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The partitions a reader folds: where each goes on after a start, a refusal, a failure or a
/// wipe, and which of them wait. For the reader's thread.
final class Partitions {
  private static final Logger LOG = LoggerFactory.getLogger(Partitions.class);

  /// Silence after which another projector is no longer expected to move a partition.
  private static final Duration OTHERS_SILENT = Duration.ofSeconds(1);

  private static final Duration RETRIED_AFTER = Duration.ofSeconds(1);

  private final Projection projection;
  private final ProjectionStore store;
  private final KafkaConsumer<String, byte[]> consumer;
  private final KafkaConsumer<String, byte[]> looking;
  private final Map<TopicPartition, PartitionFold<?>> folds = new LinkedHashMap<>();
  private final Map<TopicPartition, Long> heldUntil = new HashMap<>();
  private final Set<TopicPartition> failed = new HashSet<>();

  /// Of partitions that were begun anew: where they are whole.
  private final Map<TopicPartition, Long> goals = new HashMap<>();
  private final UsableSnapshots snapshots;

  Partitions(
      Projection projection,
      ProjectionStore store,
      KafkaConsumer<String, byte[]> consumer,
      KafkaConsumer<String, byte[]> looking) {
    this.projection = projection;
    this.store = store;
    this.consumer = consumer;
    this.looking = looking;
    this.snapshots = projection.usableSnapshots();
  }

  /// Takes all partitions of all topics and begins each where the store stands.
  void assign() {
    for (Fold<?> fold : projection.folds()) {
      String topic = projection.clients().name(fold.topic());
      consumer
          .partitionsFor(topic)
          .forEach(
              p -> {
                Slot slot = new Slot(topic, p.partition());
                projection.progress().follow(slot);
                folds.put(new TopicPartition(topic, p.partition()), newFold(slot, fold));
              });
    }
    consumer.assign(folds.keySet());
    folds.keySet().forEach(each -> consumer.seek(each, 0)); // a poll wants one, held or not
    List.copyOf(folds.keySet()).forEach(this::restart);
    Map<Slot, String> live = new HashMap<>();
    folds.values().forEach(fold -> live.put(fold.slot(), fold.mark().generation()));
    sweep(live);
  }

  private <E> PartitionFold<E> newFold(Slot slot, Fold<E> fold) {
    return new PartitionFold<>(slot, Track.LIVE, fold, store, Announcing.of(projection, fold));
  }

  PartitionFold<?> of(TopicPartition partition) {
    PartitionFold<?> fold = folds.get(partition);
    if (fold == null) {
      throw new IllegalStateException(partition + " was never assigned");
    }
    return fold;
  }

  /// Does a piece of work; the partition is taken up again from the store when Redis fails.
  void guarded(PartitionFold<?> fold, Runnable work) {
    try {
      work.run();
    } catch (StoreFailedException | RedisException e) {
      recover(fold, e);
    }
  }

  private void recover(PartitionFold<?> fold, RuntimeException e) {
    LOG.atWarn()
        .addKeyValue("partition", fold.slot())
        .addKeyValue("reason", e.getMessage())
        .log("batch not applied, going on from the stored position");
    if (ProjectionStore.lacksScript(e)) {
      loadScripts();
    }
    restart(partitionOf(fold));
  }

  private void loadScripts() {
    try {
      store.loadScripts();
    } catch (RedisException e) {
      LOG.atWarn().addKeyValue("reason", e.getMessage()).log("scripts not loaded");
    }
  }

  /// Looks at the answers so far: a refused batch means that the stored position is another.
  void settle() {
    for (PartitionFold<?> fold : folds.values()) {
      guarded(
          fold,
          () -> {
            if (!fold.settle()) {
              restart(partitionOf(fold));
            }
          });
    }
    long now = System.nanoTime();
    for (TopicPartition partition : List.copyOf(heldUntil.keySet())) {
      if (now - heldUntil.getOrDefault(partition, now) >= 0 && othersSilent(partition)) {
        restart(partition);
      }
    }
  }

  private boolean othersSilent(TopicPartition partition) {
    return failed.contains(partition)
        || !projection.progress().movedByOthers(of(partition).slot(), OTHERS_SILENT);
  }

  /// With nothing in hand: passes over what holds no records, such as the ends of transactions, so
  /// that who compares the positions with the log's ends sees no lag, and that a generation which
  /// was begun anew is known to be whole.
  void passOver() {
    folds.forEach(
        (partition, fold) -> {
          if (!heldUntil.containsKey(partition) && fold.idle()) {
            guarded(fold, () -> fold.skipTo(consumer.position(partition)));
          }
        });
  }

  /// With nothing to do: looks whether Redis still has what was put there.
  void check() {
    for (var entry : folds.entrySet()) {
      PartitionFold<?> fold = entry.getValue();
      if (heldUntil.containsKey(entry.getKey()) || !fold.idle()) {
        continue;
      }
      guarded(
          fold,
          () -> {
            boolean kept =
                store.position(fold.slot()) instanceof StoredPosition.At(_, _, _, var mark, _, _)
                    && mark.equals(fold.mark());
            if (!kept) {
              restart(entry.getKey());
            }
          });
    }
  }

  /// Takes a partition up again from what is stored; later when Redis does not answer.
  private void restart(TopicPartition partition) {
    PartitionFold<?> fold = of(partition);
    Mark before = fold.mark();
    try {
      fold.drain();
      ResumePosition position = settledPosition(partition, fold);
      Mark mark = position.mark();
      fold.restartAt(mark);
      consumer.seek(partition, position.from());
      failed.remove(partition);
      if (mark.next() > before.next()
          && mark.generation().equals(before.generation())
          && projection.progress().movedByOthers(fold.slot(), OTHERS_SILENT)) {
        hold(partition, OTHERS_SILENT);
      } else {
        heldUntil.remove(partition);
        consumer.resume(Set.of(partition));
      }
    } catch (StoreFailedException | RedisException e) {
      failed.add(partition);
      hold(partition, RETRIED_AFTER);
      LOG.atError()
          .addKeyValue("partition", fold.slot())
          .addKeyValue("reason", e.getMessage())
          .log("Redis does not answer, trying again");
    } catch (StandingByException e) {
      hold(partition, e.time());
      LOG.atWarn().addKeyValue("partition", fold.slot()).log(e.getMessage());
    }
  }

  private void hold(TopicPartition partition, Duration time) {
    consumer.pause(Set.of(partition));
    heldUntil.put(partition, System.nanoTime() + time.toNanos());
  }

  /// The position to go on from. Begins anew, from the newest snapshot or the log's beginning, when
  /// what is stored was folded from another log or by an older fold, has records that the log has
  /// lost, is so far behind that the log no longer has what follows, or was left half-written.
  private ResumePosition settledPosition(TopicPartition partition, PartitionFold<?> fold) {
    long begin = consumer.beginningOffsets(Set.of(partition)).getOrDefault(partition, 0L);
    for (int i = 0; i < 10; i++) {
      StoredPosition stored = store.position(fold.slot());
      // Asked for behind the position, which another projector may be moving on.
      long end = consumer.endOffsets(Set.of(partition)).getOrDefault(partition, 0L);
      projection.progress().logEndsAt(fold.slot(), end);
      String reason = reasonToRebuild(stored, fold, begin, end);
      Optional<SnapshotTaken> snapshot = Optional.empty();
      if (reason.isEmpty() && stored instanceof StoredPosition.At(_, _, _, var mark, _, var last)) {
        if (mark.next() >= begin) {
          return ResumePosition.behind(
              last.filter(it -> LogLoss.mustHave(fold.fold(), it, begin)), mark);
        }
        snapshot = snapshots.newest(fold.slot(), fold.fold(), begin, end);
        if (snapshot.isEmpty()) {
          return ResumePosition.at(skipLost(fold, mark, begin));
        }
        reason = "the log no longer has what comes after " + mark.next();
      } else {
        snapshot = snapshots.newest(fold.slot(), fold.fold(), begin, end);
      }
      String known =
          stored instanceof StoredPosition.At(_, _, _, var mark, _, _) ? mark.generation() : "";
      Optional<Mark> filled = begin(fold, known, begin, end, snapshot, reason);
      if (filled.isPresent()) {
        return ResumePosition.at(filled.get());
      }
    }
    throw new StoreFailedException("others keep changing the position of " + fold.slot(), null);
  }

  private String reasonToRebuild(
      StoredPosition stored, PartitionFold<?> fold, long begin, long end) {
    return switch (stored) {
      case StoredPosition.None() -> "nothing is stored";
      case StoredPosition.Newer(var form, _) ->
          throw StandingByException.newer("its position in form " + form);
      case StoredPosition.At(var log, var layout, _, var mark, var open, var last) -> {
        if (!log.equals(logOf(fold))) {
          yield "it was folded from another log";
        }
        if (layout > fold.fold().layout()) {
          throw StandingByException.newer("this partition in layout " + layout);
        }
        if (layout < fold.fold().layout()) {
          yield "it has the older layout " + layout;
        }
        if (mark.next() > end) {
          snapshots.doubt(fold.slot(), fold.fold(), begin);
          yield "its position " + mark.next() + " is beyond the log's end " + end;
        }
        if (SnapshotFill.unfinished(mark)) {
          if (projection.progress().movedByOthers(fold.slot(), OTHERS_SILENT)) {
            throw new StandingByException(
                "another projector fills this partition from a snapshot: standing by",
                OTHERS_SILENT);
          }
          yield "it was filled from a snapshot only in part";
        }
        if (open) {
          yield "a batch was left half-written";
        }
        if (last.isPresent()
            && LogLoss.isFelt(looking, fold.slot(), fold.fold(), last.get(), mark.next(), begin)) {
          snapshots.doubt(fold.slot(), fold.fold(), begin);
          yield "the log has lost its end and has something else before " + mark.next();
        }
        yield "";
      }
    };
  }

  /// Begins a generation and fills it from a snapshot where there is one; gives the position to go
  /// on from, or nothing when somebody else just began one.
  private Optional<Mark> begin(
      PartitionFold<?> fold,
      String known,
      long logBegin,
      long logEnd,
      Optional<SnapshotTaken> snapshot,
      String reason) {
    Slot slot = fold.slot();
    String beside = store.generationBeside(slot);
    String newest = beside.compareTo(known) > 0 ? beside : known;
    Mark beginning =
        new Mark(
            Generations.after(newest, projection.clock()),
            snapshot.map(SnapshotFill::beginning).orElse(logBegin));
    long since = snapshot.map(SnapshotTaken::since).orElse(logBegin);
    int layout = fold.fold().layout();
    if (!store.begin(slot, known, logOf(fold), layout, new Beginning(since, beginning, logEnd))) {
      return Optional.empty();
    }
    LOG.atInfo()
        .addKeyValue("partition", slot)
        .addKeyValue("reason", reason)
        .addKeyValue("generation", beginning.generation())
        .addKeyValue("snapshot", snapshot.map(SnapshotTaken::next).orElse(0L))
        .log("folding from the beginning or a snapshot");
    if (since > 0 && !(fold.fold().topic().keep() instanceof Keep.Latest)) {
      LOG.atWarn()
          .addKeyValue("partition", slot)
          .addKeyValue("since", since)
          .log("neither the log nor a snapshot has what was before: counts begin there");
    }
    goals.put(partitionOf(fold), logEnd);
    sweep(Map.of(slot, beginning.generation()));
    fold.restartAt(beginning);
    return Optional.of(
        snapshot
            .map(taken -> new SnapshotFill(fold, taken, snapshots.files(), () -> {}).run())
            .orElse(beginning));
  }

  private void sweep(Map<Slot, String> live) {
    Thread.ofVirtual()
        .name("sweep")
        .start(
            () -> {
              try {
                long swept = Sweeper.older(projection.redis(), live);
                LOG.atDebug().addKeyValue("names", swept).log("swept");
              } catch (RedisException e) {
                LOG.atWarn()
                    .addKeyValue("partitions", live.keySet())
                    .addKeyValue("reason", e.getMessage())
                    .log("older generations not swept; they stay until the next start");
              }
            });
  }

  /// The log was cut behind us; what is gone cannot be folded any more.
  private Mark skipLost(PartitionFold<?> fold, Mark stored, long begin) {
    LOG.atError()
        .addKeyValue("partition", fold.slot())
        .addKeyValue("from", stored.next())
        .addKeyValue("until", begin)
        .log("records were deleted before they were folded");
    fold.restartAt(stored);
    fold.skipTo(begin);
    fold.drain();
    return new Mark(stored.generation(), begin);
  }

  private String logOf(PartitionFold<?> fold) {
    return snapshots.log(fold.fold());
  }

  private static TopicPartition partitionOf(PartitionFold<?> fold) {
    return new TopicPartition(fold.slot().topic(), fold.slot().partition());
  }

  /// Whether Redis answered for every partition when it was asked last.
  boolean allWell() {
    return failed.isEmpty();
  }

  /// Whether what was begun anew here has all that there was to fold then.
  boolean whole() {
    goals.entrySet().removeIf(goal -> of(goal.getKey()).idle() && reached(goal));
    return goals.isEmpty();
  }

  private boolean reached(Map.Entry<TopicPartition, Long> goal) {
    return of(goal.getKey()).mark().next() >= goal.getValue();
  }

  void drain() {
    folds.values().forEach(PartitionFold::drain);
  }
}
