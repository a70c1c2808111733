package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Asks where partitions end, on a connection of its own: a broker answers one after the other, and
/// on that of a reader a question waits behind its fetch, for which there may be nothing yet.
///
/// One question is under way at a time, on a thread of its own, as it may take longer than one of
/// those who wait for it has patience. All who ask meanwhile are answered by the next, so that the
/// brokers are asked no more often for many than for one, and an answer covers what was there when
/// somebody asked.
final class EndLookup implements AutoCloseable {
  /// For all who asked before it began.
  private static final class Question {
    private final CompletableFuture<Map<TopicPartition, Long>> answer = new CompletableFuture<>();

    /// When the most patient of them gives up, by `System.nanoTime`; only used under the lock, and
    /// by its asker once it has begun.
    private long until;

    Question(long until) {
      this.until = until;
    }
  }

  private final KafkaClients clients;
  private final String name;
  private final Supplier<? extends Collection<TopicPartition>> partitions;

  /// Guards who waits.
  private final ReentrantLock lock = new ReentrantLock();

  /// Held by whoever uses the consumer, but to wake it; never together with the other.
  private final ReentrantLock use = new ReentrantLock();

  /// Has not begun; null while nobody has asked since the last one began.
  private @Nullable Question next;

  private boolean asking;
  private volatile @Nullable KafkaConsumer<String, byte[]> consumer;
  private volatile boolean closed;

  /// Nothing is connected before the first question.
  ///
  /// @param name that of the client on the brokers
  /// @param partitions those asked for, as they are when a question begins
  EndLookup(
      KafkaClients clients,
      String name,
      Supplier<? extends Collection<TopicPartition>> partitions) {
    this.clients = clients;
    this.name = name;
    this.partitions = partitions;
  }

  /// Offsets behind the last records that are committed, when it was called or later; throws
  /// `NotReadInTimeException` when the brokers do not answer in time, or this is closed. Blocks, so
  /// it is to be called on virtual threads or on threads of one's own.
  Map<TopicPartition, Long> ask(Duration patience) {
    try {
      return join(patience).answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new NotReadInTimeException(name + " was not told where partitions end", e.getCause());
    } catch (TimeoutException e) {
      throw new NotReadInTimeException(
          name + " was not told within " + patience + " where partitions end", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NotReadInTimeException("interrupted", e);
    }
  }

  private Question join(Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    lock.lock();
    try {
      if (closed) {
        throw refusal();
      }
      Question joined = next;
      if (joined == null) {
        joined = new Question(until);
        next = joined;
      } else if (until - joined.until > 0) {
        joined.until = until;
      }
      if (!asking) {
        Thread.ofVirtual().name(name).start(this::askAll);
        asking = true;
      }
      return joined;
    } finally {
      lock.unlock();
    }
  }

  private void askAll() {
    for (Question question = begin(); question != null; question = begin()) {
      use.lock();
      try {
        question.answer.complete(ends(question.until));
      } catch (Throwable e) {
        question.answer.completeExceptionally(e);
      } finally {
        use.unlock();
      }
    }
  }

  private @Nullable Question begin() {
    lock.lock();
    try {
      Question begun = next;
      next = null;
      asking = begun != null;
      return begun;
    } finally {
      lock.unlock();
    }
  }

  private Map<TopicPartition, Long> ends(long until) {
    KafkaConsumer<String, byte[]> own = consumer;
    if (own == null && !closed) {
      own = clients.assignedConsumer(name, 1);
      consumer = own;
    }
    // Looked at once there is something to wake: whoever closes later wakes it.
    if (own == null || closed) {
      throw refusal();
    }
    long left = Math.max(0, until - System.nanoTime());
    return Map.copyOf(own.endOffsets(partitions.get(), Duration.ofNanos(left)));
  }

  private NotReadInTimeException refusal() {
    return new NotReadInTimeException(name + " is closed", null);
  }

  /// Whoever asks now is woken, and whoever waits to ask is refused.
  @Override
  public void close() {
    refuse();
    KafkaConsumer<String, byte[]> asked = consumer;
    if (asked != null) {
      asked.wakeup();
    }
    use.lock();
    try {
      KafkaConsumer<String, byte[]> own = consumer;
      if (own != null) {
        consumer = null;
        own.close(CloseOptions.timeout(Duration.ZERO));
      }
    } finally {
      use.unlock();
    }
  }

  private void refuse() {
    lock.lock();
    try {
      closed = true;
      Question waiting = next;
      next = null;
      if (waiting != null) {
        waiting.answer.completeExceptionally(refusal());
      }
    } finally {
      lock.unlock();
    }
  }
}
