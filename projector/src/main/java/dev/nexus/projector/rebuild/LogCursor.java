package dev.nexus.projector.rebuild;

import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.stream.Imprint;
import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Slot;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// Folds one partition of the log into memory, forwards, up to any position asked for.
///
/// @param <E> root of the topic's sealed hierarchy
final class LogCursor<E> {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int SAID_EVERY = 20_000;

  private final Slot slot;
  private final Fold<E> fold;
  private final MemoryStore memory;
  private final KafkaConsumer<String, byte[]> consumer;
  private final TopicPartition partition;
  private final Deque<ConsumerRecord<String, byte[]>> ahead = new ArrayDeque<>();
  private final long since;
  private Supplier<Optional<Imprint>> last;
  private long records;
  private long folded;

  LogCursor(Slot slot, Fold<E> fold, MemoryStore memory, KafkaConsumer<String, byte[]> consumer) {
    this(slot, fold, memory, consumer, Optional.empty());
  }

  /// @param snapshot to go on from, whose content the memory has already
  LogCursor(
      Slot slot,
      Fold<E> fold,
      MemoryStore memory,
      KafkaConsumer<String, byte[]> consumer,
      Optional<SnapshotTaken> snapshot) {
    this.slot = slot;
    this.fold = fold;
    this.memory = memory;
    this.consumer = consumer;
    this.partition = new TopicPartition(slot.topic(), slot.partition());
    this.last = () -> snapshot.map(SnapshotTaken::last).flatMap(Imprint::read);
    consumer.assign(Set.of(partition));
    if (snapshot.isPresent()) {
      consumer.seek(partition, snapshot.get().next());
      this.since = snapshot.get().since();
    } else {
      consumer.seekToBeginning(Set.of(partition));
      this.since = consumer.position(partition);
    }
    this.folded = consumer.position(partition);
  }

  /// Position of the first record that may be in what it gives.
  long since() {
    return since;
  }

  /// The last record in what it gives, as far as that is known; an imprint takes time to make.
  Optional<Imprint> last() {
    return last.get();
  }

  /// Folds everything before `until` that is not folded yet. Throws `KafkaException` when the
  /// brokers do not answer for a while.
  ///
  /// @param said told now and then the position reached; may throw to break off
  void foldTo(long until, LongConsumer said) {
    while (folded < until) {
      while (!ahead.isEmpty() && ahead.element().offset() < until) {
        take(ahead.remove());
        if (records % SAID_EVERY == 0) {
          said.accept(folded);
        }
      }
      if (!ahead.isEmpty() || consumer.position(partition) >= until) {
        folded = until; // what is between holds no records, such as the ends of transactions
      } else {
        ConsumerRecords<String, byte[]> polled = consumer.poll(POLL);
        if (polled.isEmpty()) {
          // A poll is silent about brokers that are away; a question throws in the end.
          consumer.endOffsets(Set.of(partition));
        }
        polled.forEach(ahead::add);
        said.accept(folded);
      }
    }
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    records++;
    folded = record.offset() + 1;
    last = () -> Optional.of(Imprint.of(record));
    for (Mutation mutation : mutations(record)) {
      memory.apply(mutation);
    }
  }

  private List<Mutation> mutations(ConsumerRecord<String, byte[]> record) {
    String key = record.key() == null ? "" : record.key();
    try {
      if (record.value() == null) {
        return fold.deleted(key);
      }
      var event = fold.codec().decode(record.value());
      var wire = ByteBuffer.wrap(record.value());
      var fact = new Fact<>(slot, record.offset(), key, event, wire);
      fold.check(fact);
      return fold.fold(fact, memory);
    } catch (RuntimeException | StackOverflowError e) {
      return List.of(); // dead-lettered by the projector, so without effect there too
    }
  }

  long records() {
    return records;
  }
}
