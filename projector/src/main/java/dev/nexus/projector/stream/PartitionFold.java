package dev.nexus.projector.stream;

import dev.nexus.platform.stream.Imprint;
import dev.nexus.projector.store.Applied;
import dev.nexus.projector.store.Batch;
import dev.nexus.projector.store.Changes;
import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.Track;
import dev.nexus.projector.store.ViewCache;
import dev.nexus.wire.UnreadableRecordException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Folds one partition. Batches are sent one after the other without waiting for the answers: a
/// batch that is refused makes the following ones be refused too, as each names its base and its
/// writer. The same fold makes the live generation and a rebuild's shadow. For one thread.
///
/// @param <E> root of the topic's sealed hierarchy
public final class PartitionFold<E> {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionFold.class);
  private static final AtomicLong WRITERS = new AtomicLong();
  private static final int VIEWS_KEPT = 4_096;
  private static final int BATCHES_UNDER_WAY = 4;
  private static final long PATIENCE_SECONDS = 5;

  private final Slot slot;
  private final Track track;
  private final Fold<E> fold;
  private final ProjectionStore store;
  private final Follower follower;
  private final ViewCache views = new ViewCache(VIEWS_KEPT);
  private final Set<Key> asked = new HashSet<>();
  private final Deque<CompletableFuture<Applied>> underWay = new ArrayDeque<>();
  private Mark mark = new Mark("", 0);
  private Batch.Writer writer = new Batch.Writer("", false);
  private int attempt;

  public PartitionFold(
      Slot slot, Track track, Fold<E> fold, ProjectionStore store, Follower follower) {
    this.slot = slot;
    this.track = track;
    this.fold = fold;
    this.store = store;
    this.follower = follower;
  }

  /// Who wants to know what becomes of a partition.
  public interface Follower {
    /// A batch was applied; `touched` are the names it changed. From any thread.
    void advanced(Slot slot, Mark mark, Set<Key> touched);

    /// Queries show the facts of a batch, of which the newest came to be `at`. From any thread.
    default void shown(Instant at) {}

    /// The fold goes on from a stored position.
    void found(Slot slot, Mark mark);

    /// A record has no effect, because no fold can take it.
    void setAside(ConsumerRecord<String, byte[]> record, String reason);
  }

  /// Records of one poll, decoded, while the views they need are being read.
  public record Prepared<E>(
      PartitionFold<E> of,
      int attempt,
      List<ConsumerRecord<String, byte[]>> records,
      List<Entry<E>> entries,
      long next,
      List<Key> needed,
      CompletableFuture<List<Map<String, String>>> reading) {

    public void finish() {
      of.finish(this);
    }
  }

  /// A record that was read: a fact, or the deletion of a key.
  public sealed interface Entry<E> {
    record Read<E>(Fact<E> fact) implements Entry<E> {}

    record Deleted<E>(String recordKey) implements Entry<E> {}

    record Unreadable<E>(String reason) implements Entry<E> {}
  }

  /// Decodes records and asks for the views they need, in the order of the log. Those before need
  /// not be finished: asked for before they are sent, the views are there when their turn comes,
  /// while Redis would otherwise answer only after it has applied all that is on its way. It is
  /// safe because no unfinished record before needs what is asked for here, so none changes it.
  public Prepared<E> prepare(List<ConsumerRecord<String, byte[]>> records, long next) {
    List<Entry<E>> entries = new ArrayList<>(records.size());
    Set<Key> needed = new LinkedHashSet<>();
    for (var record : records) {
      entries.add(decode(record, needed));
    }
    // What three rows of records need stays, as two of them may wait while the third is prepared.
    views.keepAtLeast(3 * needed.size());
    List<Key> missing = views.missing(needed).stream().filter(asked::add).toList();
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
      fold.check(fact);
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
    prepared.needed.forEach(asked::remove);
    Changes changes = new Changes(views);
    for (int i = 0; i < prepared.entries.size(); i++) {
      for (Mutation mutation : fold(prepared.entries.get(i), prepared.records.get(i))) {
        if (changes.mustGoBefore(mutation)) {
          send(prepared.records.get(i).offset(), changes, imprint(prepared.records, i - 1));
          changes = new Changes(views);
        }
        changes.add(mutation);
      }
    }
    CompletableFuture<Applied> last =
        send(prepared.next, changes, imprint(prepared.records, prepared.records.size() - 1));
    newest(prepared.entries)
        .ifPresent(
            at ->
                last.thenAccept(
                    applied -> {
                      if (applied != Applied.REFUSED) {
                        follower.shown(at);
                      }
                    }));
  }

  private static Optional<Imprint> imprint(List<ConsumerRecord<String, byte[]>> of, int index) {
    return index < 0 ? Optional.empty() : Optional.of(Imprint.of(of.get(index)));
  }

  private static <E> Optional<Instant> newest(List<Entry<E>> entries) {
    for (Entry<E> entry : entries.reversed()) {
      if (entry instanceof Entry.Read<E>(var fact)) {
        return Optional.of(fact.event().envelope().occurredAt());
      }
    }
    return Optional.empty();
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
    follower.setAside(record, reason);
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

  /// Sends a batch that moves the position on to `next`; gives what becomes of it.
  ///
  /// @param last record before `next`; empty where it is the one that was told before
  CompletableFuture<Applied> send(long next, Changes changes, Optional<Imprint> last) {
    while (underWay.size() >= BATCHES_UNDER_WAY) {
      if (answer(underWay.element()) == Applied.REFUSED) {
        return underWay.element(); // settle() meets the refusal
      }
      underWay.remove();
    }
    Mark after = new Mark(mark.generation(), next);
    Set<Key> touched = changes.touched();
    var applied =
        store
            .apply(batch(next, changes, last, false))
            .whenComplete(
                (done, failure) -> {
                  if (failure == null && done != Applied.REFUSED) {
                    follower.advanced(slot, after, touched);
                  }
                });
    store.flush();
    underWay.add(applied);
    mark = after;
    writer = new Batch.Writer(writer.name(), true);
    return applied;
  }

  Changes newChanges() {
    return new Changes(views);
  }

  /// A view that is about to be written whole, and that nothing is stored of.
  void learnEmpty(Key key) {
    views.learn(key, new HashMap<>());
  }

  private Batch batch(long next, Changes changes, Optional<Imprint> last, boolean takesOver) {
    return new Batch(
        slot, track, mark.generation(), mark.next(), next, changes, last, writer, takesOver);
  }

  /// Moves the position over what holds no records, such as the ends of transactions.
  public void skipTo(long next) {
    if (next > mark.next()) {
      send(next, new Changes(views), Optional.empty());
    }
  }

  /// Puts a shadow in the place of the live generation, in the step in which a batch is applied,
  /// if it has everything that one has. The batches before must have been settled.
  public Applied takeOver() {
    var asked = store.apply(batch(mark.next(), new Changes(views), Optional.empty(), true));
    store.flush();
    return answer(asked);
  }

  /// Looks at the batches that were answered; false when one was refused.
  public boolean settle() {
    while (!underWay.isEmpty() && underWay.element().isDone()) {
      if (answer(underWay.element()) == Applied.REFUSED) {
        return false;
      }
      underWay.remove();
    }
    return true;
  }

  /// Waits for all batches to be answered; false when one was refused.
  public boolean settleAll() {
    while (!underWay.isEmpty()) {
      if (answer(underWay.element()) == Applied.REFUSED) {
        return false;
      }
      underWay.remove();
    }
    return true;
  }

  /// Goes on from a stored position and forgets all that was known.
  public void restartAt(Mark from) {
    drain();
    views.clear();
    mark = from;
    writer = new Batch.Writer(store.instance() + "/" + WRITERS.incrementAndGet(), false);
    follower.found(slot, from);
  }

  /// Waits for the answers still missing, whatever they are; the position that is read next tells
  /// what became of the batches. What was prepared before has no effect from here on, even when
  /// that position cannot be read yet: what comes later must not be folded without it.
  public void drain() {
    attempt++;
    asked.clear();
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

  public boolean idle() {
    return underWay.isEmpty();
  }

  public Slot slot() {
    return slot;
  }

  public Fold<E> fold() {
    return fold;
  }

  public Mark mark() {
    return mark;
  }
}
