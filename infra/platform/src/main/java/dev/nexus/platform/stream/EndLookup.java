package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/// Asks where partitions end, on a connection of its own: a broker answers one after the other, and
/// on that of a reader a question waits behind its fetch, for which there may be nothing yet.
final class EndLookup implements AutoCloseable {
  private final KafkaClients clients;
  private final String name;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable KafkaConsumer<String, byte[]> consumer;
  private volatile boolean closed;

  /// `name` is that of the client on the brokers. Nothing is connected before the first question.
  EndLookup(KafkaClients clients, String name) {
    this.clients = clients;
    this.name = name;
  }

  /// Offsets behind the last records that are committed; throws `NotReadInTimeException` when the
  /// brokers do not answer in time, or this is closed.
  Map<TopicPartition, Long> of(Collection<TopicPartition> partitions, Duration patience) {
    long began = System.nanoTime();
    enter(partitions, patience);
    try {
      if (closed) {
        throw new NotReadInTimeException(name + " is closed", null);
      }
      KafkaConsumer<String, byte[]> asking = consumer;
      if (asking == null) {
        asking = clients.assignedConsumer(name, 1);
        consumer = asking;
      }
      Duration left = patience.minusNanos(System.nanoTime() - began);
      return asking.endOffsets(partitions, left.isNegative() ? Duration.ZERO : left);
    } catch (TimeoutException | WakeupException e) {
      throw new NotReadInTimeException(partitions + " did not say where they end", e);
    } finally {
      lock.unlock();
    }
  }

  /// Others who ask are waited for within the same patience.
  private void enter(Collection<TopicPartition> partitions, Duration patience) {
    try {
      if (!lock.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new NotReadInTimeException(
            partitions + " were not asked where they end: others still ask", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NotReadInTimeException("interrupted", e);
    }
  }

  /// Whoever asks now is woken, and whoever waits to ask is refused.
  @Override
  public void close() {
    closed = true;
    KafkaConsumer<String, byte[]> asked = consumer;
    if (asked != null) {
      asked.wakeup();
    }
    lock.lock();
    try {
      KafkaConsumer<String, byte[]> own = consumer;
      if (own != null) {
        consumer = null;
        own.close(CloseOptions.timeout(Duration.ZERO));
      }
    } finally {
      lock.unlock();
    }
  }
}
