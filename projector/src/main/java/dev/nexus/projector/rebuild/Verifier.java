package dev.nexus.projector.rebuild;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.rebuild.MemoryStore.Content;
import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import io.lettuce.core.RedisClient;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// Folds the log in memory and compares the outcome with Redis, name by name and byte by byte. The
/// writers should be silent: a partition that moves while it is compared is compared again.
public final class Verifier {
  static final int REPORTED = 100;
  private static final int ATTEMPTS = 10;
  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaClients clients;
  private final RedisClient redis;
  private final List<Fold<?>> folds;

  public Verifier(KafkaClients clients, RedisClient redis, List<Fold<?>> folds) {
    this.clients = clients;
    this.redis = redis;
    this.folds = List.copyOf(folds);
  }

  /// Compares every partition of every projection, once it is folded to the log's present end.
  /// Throws `IllegalStateException` when one is not within `patience`.
  public Verification verify(Duration patience) {
    long records = 0;
    long names = 0;
    List<String> differences = new ArrayList<>();
    long deadline = System.nanoTime() + patience.toNanos();
    try (ProjectionStore store = new ProjectionStore(redis, "verifier");
        KafkaConsumer<String, byte[]> consumer =
            clients.assignedConsumer("projection-verifier", 1_000)) {
      for (Fold<?> fold : folds) {
        String topic = clients.name(fold.topic());
        for (var info : consumer.partitionsFor(topic)) {
          Slot slot = new Slot(topic, info.partition());
          Verification one = verify(slot, fold, store, consumer, deadline);
          records += one.records();
          names += one.names();
          differences.addAll(one.differences());
        }
      }
    }
    return new Verification(records, names, differences.stream().limit(REPORTED).toList());
  }

  private Verification verify(
      Slot slot,
      Fold<?> fold,
      ProjectionStore store,
      KafkaConsumer<String, byte[]> consumer,
      long deadline) {
    var partition = new TopicPartition(slot.topic(), slot.partition());
    consumer.assign(Set.of(partition));
    for (int i = 0; i < ATTEMPTS; i++) {
      Mark mark = awaitFolded(partition, slot, store, consumer, deadline);
      consumer.seekToBeginning(Set.of(partition));
      MemoryStore memory = new MemoryStore();
      long records = fold(consumer, partition, mark.next(), new Folding<>(slot, fold, memory));
      Map<Key, Content> stored = StoredContents.of(redis, slot, mark.generation());
      if (store.position(slot) instanceof StoredPosition.At(_, _, var now, _) && now.equals(mark)) {
        return new Verification(
            records, stored.size(), differences(slot, memory.contents(), stored));
      }
    }
    throw new IllegalStateException(slot + " kept moving while it was compared");
  }

  /// Waits until the partition is folded up to the last record that is there now.
  private static Mark awaitFolded(
      TopicPartition partition,
      Slot slot,
      ProjectionStore store,
      KafkaConsumer<String, byte[]> consumer,
      long deadline) {
    consumer.seekToEnd(Set.of(partition));
    long end = consumer.position(partition);
    StoredPosition stored = store.position(slot);
    while (System.nanoTime() < deadline) {
      if (stored instanceof StoredPosition.At(_, _, var mark, var open)
          && mark.next() >= end
          && !open) {
        return mark;
      }
      // Positions move over the ends of transactions once a second, so this needs no haste.
      consumer.poll(POLL);
      stored = store.position(slot);
    }
    throw new IllegalStateException(
        slot + " is not folded up to " + end + " in time, found " + stored);
  }

  private static long fold(
      KafkaConsumer<String, byte[]> consumer,
      TopicPartition partition,
      long until,
      Folding<?> folding) {
    long records = 0;
    while (consumer.position(partition) < until) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        if (record.offset() < until) {
          records++;
          folding.take(record);
        }
      }
    }
    return records;
  }

  private record Folding<E>(Slot slot, Fold<E> fold, MemoryStore memory) {

    void take(ConsumerRecord<String, byte[]> record) {
      mutations(record).forEach(memory::apply);
    }

    private List<Mutation> mutations(ConsumerRecord<String, byte[]> record) {
      String key = record.key() == null ? "" : record.key();
      try {
        if (record.value() == null) {
          return fold.deleted(key);
        }
        var event = fold.codec().decode(record.value());
        var wire = ByteBuffer.wrap(record.value());
        return fold.fold(new Fact<>(slot, record.offset(), key, event, wire), memory);
      } catch (RuntimeException | StackOverflowError e) {
        return List.of(); // dead-lettered by the projector, so without effect there too
      }
    }
  }

  private static List<String> differences(
      Slot slot, Map<Key, Content> expected, Map<Key, Content> found) {
    Set<Key> keys = new HashSet<>(expected.keySet());
    keys.addAll(found.keySet());
    return keys.stream()
        .filter(key -> !Objects.equals(expected.get(key), found.get(key)))
        .sorted(java.util.Comparator.comparing(Key::tenant).thenComparing(Key::name))
        .limit(REPORTED)
        .map(
            key ->
                slot
                    + " "
                    + key.tenant()
                    + ":"
                    + key.name()
                    + ": the log gives "
                    + shown(expected.get(key))
                    + ", Redis has "
                    + shown(found.get(key)))
        .toList();
  }

  private static String shown(@org.jspecify.annotations.Nullable Content content) {
    String text = content == null ? "nothing" : content.toString();
    return text.length() <= 300 ? text : text.substring(0, 300) + "…";
  }
}
