package dev.nexus.projector.store;

import io.lettuce.core.RedisClient;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How far every partition is folded, whoever folds it, and who waits for it. Batches applied by
/// this process tell it directly, those of others through Redis, so nobody has to poll.
public final class Progress implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

  private final StatefulRedisPubSubConnection<String, String> connection;
  private final String instance;
  private final Map<String, Slot> slots = new ConcurrentHashMap<>();
  private final Map<Slot, Mark> marks = new ConcurrentHashMap<>();
  private final Map<Slot, Long> reached = new ConcurrentHashMap<>();
  private final Map<Slot, Long> foreign = new ConcurrentHashMap<>();
  private final Map<Slot, Set<Waiting>> waiting = new ConcurrentHashMap<>();

  private record Waiting(Key view, Semaphore news) {}

  /// `instance` is the name under which this process announces its own progress.
  public Progress(RedisClient client, String instance) {
    this.instance = instance;
    this.connection = client.connectPubSub();
    this.connection.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(String channel, String message) {
            heard(channel, message);
          }
        });
  }

  /// Begins to listen for others' progress on a partition.
  public void follow(Slot slot) {
    String channel = ProjectionStore.CHANNEL + slot;
    if (slots.putIfAbsent(channel, slot) == null) {
      try {
        connection.sync().subscribe(channel);
      } catch (RuntimeException e) {
        slots.remove(channel); // the next attempt listens
        throw e;
      }
    }
  }

  private void heard(String channel, String message) {
    Slot slot = slots.get(channel);
    String[] words = message.split(" ");
    if (slot == null || words.length != 3 || words[0].equals(instance)) {
      return;
    }
    try {
      Mark mark = new Mark(words[1], Long.parseLong(words[2]));
      marks.put(slot, mark);
      reached.merge(slot, mark.next(), Math::max);
      foreign.put(slot, System.nanoTime());
      waiting.getOrDefault(slot, Set.of()).forEach(one -> one.news().release());
    } catch (NumberFormatException e) {
      LOG.atWarn().addKeyValue("channel", channel).log("progress of another projector unreadable");
    }
  }

  /// A batch of this process was applied; `touched` are the hashes it changed.
  public void advanced(Slot slot, Mark mark, Set<Key> touched) {
    reached.merge(slot, mark.next(), Math::max);
    // The answer to a batch may come when the next generation has taken over already.
    marks.merge(
        slot, mark, (old, now) -> now.generation().compareTo(old.generation()) < 0 ? old : now);
    Set<Waiting> here = waiting.getOrDefault(slot, Set.of());
    if (!here.isEmpty()) {
      here.stream().filter(w -> touched.contains(w.view())).forEach(w -> w.news().release());
    }
  }

  /// What was read about a partition, when it was not this process that moved it.
  public void found(Slot slot, Mark mark) {
    reached.merge(slot, mark.next(), Math::max);
    if (!mark.equals(marks.put(slot, mark))) {
      waiting.getOrDefault(slot, Set.of()).forEach(one -> one.news().release());
    }
  }

  /// The partitions of a topic (its name on the brokers) that are followed, in order.
  public List<Slot> slots(String topic) {
    return slots.values().stream()
        .filter(slot -> slot.topic().equals(topic))
        .sorted(Comparator.comparingInt(Slot::partition))
        .toList();
  }

  /// Where the partitions of some topics (their names on the brokers) stand that are known.
  public Map<TopicPartition, Long> positions(Collection<String> topics) {
    Map<TopicPartition, Long> positions = new HashMap<>();
    for (String topic : topics) {
      for (Slot slot : slots(topic)) {
        var partition = new TopicPartition(topic, slot.partition());
        mark(slot).ifPresent(mark -> positions.put(partition, mark.next()));
      }
    }
    return positions;
  }

  public Optional<Mark> mark(Slot slot) {
    return Optional.ofNullable(marks.get(slot));
  }

  /// The furthest position of a partition that this process knows was ever stored, in whatever
  /// generation: a store that has less has lost something that was shown.
  public long reached(Slot slot) {
    return reached.getOrDefault(slot, 0L);
  }

  /// The log of a partition ends here now: nobody will come further again, whatever there was.
  public void logEndsAt(Slot slot, long end) {
    reached.computeIfPresent(slot, (_, known) -> Math.min(known, end));
  }

  /// Whether another projector moved this partition within the last `span`.
  public boolean movedByOthers(Slot slot, Duration span) {
    Long at = foreign.get(slot);
    return at != null && System.nanoTime() - at < span.toNanos();
  }

  /// Waits until `visible` holds, asking it once now and again whenever `view` may have changed.
  /// False when it does not hold within `patience`.
  public boolean await(Slot slot, Key view, Duration patience, BooleanSupplier visible)
      throws InterruptedException {
    Waiting own = new Waiting(view, new Semaphore(0));
    Set<Waiting> here = waiting.computeIfAbsent(slot, s -> ConcurrentHashMap.newKeySet());
    here.add(own);
    try {
      long deadline = System.nanoTime() + patience.toNanos();
      while (!visible.getAsBoolean()) {
        long left = deadline - System.nanoTime();
        if (left <= 0 || !own.news().tryAcquire(left, TimeUnit.NANOSECONDS)) {
          return visible.getAsBoolean();
        }
        own.news().drainPermits();
      }
      return true;
    } finally {
      here.remove(own);
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
