package dev.nexus.projector.stream;

import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.projector.store.Batch;
import dev.nexus.projector.store.Changes;
import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Progress;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.ViewCache;
import dev.nexus.wire.UnreadableRecordException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Folds one partition. Batches are sent one after the other without waiting for the answers: a
/// batch that is refused makes the following ones be refused too, as each names its base. For the
/// reader's thread.
///
/// @param <E> root of the topic's sealed hierarchy
final class PartitionFold<E> {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionFold.class);
  private static final int VIEWS_KEPT = 4_096;
  private static final int BATCHES_UNDER_WAY = 4;
  private static final long PATIENCE_SECONDS = 5;

  private final Slot slot;
  private final Fold<E> fold;
  private final ProjectionStore store;
  private final Progress progress;
  private final DeadLetters deadLetters;
  private final ViewCache views = new ViewCache(VIEWS_KEPT);
  private final Deque<CompletableFuture<Boolean>> underWay = new ArrayDeque<>();
  private Mark mark = new Mark("", 0);
  private int attempt;

  PartitionFold(
      Slot slot, Fold<E> fold, ProjectionStore store, Progress progress, DeadLetters deadLetters) {
    this.slot = slot;
    this.fold = fold;
    this.store = store;
    this.progress = progress;
    this.deadLetters = deadLetters;
  }

  /// Records of one poll, decoded, while the views they need are being read.
  record Prepared<E>(
      PartitionFold<E> of,
      int attempt,
      List<ConsumerRecord<String, byte[]>> records,
      List<Entry<E>> entries,
      long next,
      List<Key> needed,
      CompletableFuture<List<Map<String, String>>> reading) {

    void finish() {
      of.finish(this);
    }
  }

  /// A record that was read: a fact, or the deletion of a key.
  sealed interface Entry<E> {
    record Read<E>(Fact<E> fact) implements Entry<E> {}

    record Deleted<E>(String recordKey) implements Entry<E> {}

    record Unreadable<E>(String reason) implements Entry<E> {}
  }

  /// Decodes records and asks for the views they need. The previous ones must be finished.
  Prepared<E> prepare(List<ConsumerRecord<String, byte[]>> records, long next) {
    List<Entry<E>> entries = new ArrayList<>(records.size());
    Set<Key> needed = new LinkedHashSet<>();
    for (var record : records) {
      entries.add(decode(record, needed));
    }
    List<Key> missing = views.missing(needed);
    var reading = store.read(slot, mark.generation(), missing);
    if (!missing.isEmpty()) {
      store.flush();
    }
    return new Prepared<>(this, attempt, records, entries, next, missing, reading);
  }

  /// Decodes a record and adds the views it needs.
  private Entry<E> decode(ConsumerRecord<String, byte[]> record, Set<Key> needed) {
    String key = record.key() == null ? "" : record.key();
    if (record.value() == null) {
      return new Entry.Deleted<>(key);
    }
    try {
      var event = fold.codec().decode(record.value());
      var fact = new Fact<>(slot, record.offset(), key, event, ByteBuffer.wrap(record.value()));
      needed.addAll(fold.reads(fact));
      return new Entry.Read<>(fact);
    } catch (UnreadableRecordException e) {
      return new Entry.Unreadable<>(String.valueOf(e.getMessage()));
    } catch (RuntimeException | StackOverflowError e) {
      return new Entry.Unreadable<>(impossible(record, e));
    }
  }

  private void finish(Prepared<E> prepared) {
    if (prepared.attempt != attempt) {
      return;
    }
    List<Map<String, String>> found = answer(prepared.reading);
    for (int i = 0; i < found.size(); i++) {
      views.learn(prepared.needed.get(i), found.get(i));
    }
    Changes changes = new Changes(views);
    for (int i = 0; i < prepared.entries.size(); i++) {
      for (Mutation mutation : fold(prepared.entries.get(i), prepared.records.get(i))) {
        changes.add(mutation);
      }
    }
    send(prepared.next, changes);
  }

  /// What a record changes; one that no fold can take is set aside, whatever the fold throws: a
  /// fold is a pure function, so it would throw the same at the next attempt.
  private List<Mutation> fold(Entry<E> entry, ConsumerRecord<String, byte[]> record) {
    String reason;
    try {
      switch (entry) {
        case Entry.Read<E>(var fact) -> {
          return fold.fold(fact, views);
        }
        case Entry.Deleted<E>(var key) -> {
          return fold.deleted(key);
        }
        case Entry.Unreadable<E>(var why) -> reason = why;
      }
    } catch (IllegalArgumentException e) {
      reason = String.valueOf(e.getMessage());
    } catch (RuntimeException | StackOverflowError e) {
      reason = impossible(record, e);
    }
    deadLetters.add(record, reason);
    return List.of();
  }

  private static String impossible(ConsumerRecord<String, byte[]> record, Throwable e) {
    LOG.atError()
        .setCause(e)
        .addKeyValue("topic", record.topic())
        .addKeyValue("partition", record.partition())
        .addKeyValue("offset", record.offset())
        .log("record cannot be folded");
    return "cannot be folded: " + e;
  }

  private void send(long next, Changes changes) {
    while (underWay.size() >= BATCHES_UNDER_WAY) {
      if (!answer(underWay.element())) {
        return; // settle() meets the refusal
      }
      underWay.remove();
    }
    Mark after = new Mark(mark.generation(), next);
    Set<Key> touched = changes.touched();
    var applied =
        store
            .apply(new Batch(slot, mark.generation(), mark.next(), next, changes))
            .whenComplete(
                (done, failure) -> {
                  if (failure == null && done) {
                    progress.advanced(slot, after, touched);
                  }
                });
    store.flush();
    underWay.add(applied);
    mark = after;
  }

  /// Moves the position over what holds no records, such as the ends of transactions.
  void skipTo(long next) {
    if (next > mark.next()) {
      send(next, new Changes(views));
    }
  }

  /// Looks at the batches that were answered; false when one was refused.
  boolean settle() {
    while (!underWay.isEmpty() && underWay.element().isDone()) {
      if (!answer(underWay.element())) {
        return false;
      }
      underWay.remove();
    }
    return true;
  }

  /// Goes on from a stored position and forgets all that was known.
  void restartAt(Mark from) {
    drain();
    views.clear();
    mark = from;
    attempt++;
    progress.found(slot, from);
  }

  /// Waits for the answers still missing, whatever they are; the position that is read next tells
  /// what became of the batches.
  void drain() {
    try {
      for (var applied : underWay) {
        answer(applied);
      }
    } catch (StoreFailedException e) {
      underWay.forEach(applied -> applied.cancel(false));
    }
    underWay.clear();
  }

  private static <T> T answer(CompletableFuture<T> asked) {
    try {
      return asked.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreFailedException("interrupted while waiting for Redis", e);
    } catch (ExecutionException e) {
      throw new StoreFailedException("Redis refused: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new StoreFailedException("Redis did not answer in " + PATIENCE_SECONDS + " s", e);
    }
  }

  boolean idle() {
    return underWay.isEmpty();
  }

  Slot slot() {
    return slot;
  }

  Fold<E> fold() {
    return fold;
  }

  Mark mark() {
    return mark;
  }
}
