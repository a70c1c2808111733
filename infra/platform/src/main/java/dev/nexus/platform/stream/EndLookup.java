package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Asks where partitions end, on a connection of its own: a broker answers one after the other, and
/// on that of a reader a question waits behind its fetch, for which there may be nothing yet.
final class EndLookup implements AutoCloseable {
  private final KafkaClients clients;
  private final String name;

  /// Held by whoever uses the consumer, but to wake it.
  private final ReentrantLock use = new ReentrantLock();

  private volatile @Nullable KafkaConsumer<String, byte[]> consumer;
  private volatile boolean closed;

  /// Nothing is connected before the first question.
  ///
  /// @param name that of the client on the brokers
  EndLookup(KafkaClients clients, String name) {
    this.clients = clients;
    this.name = name;
  }

  /// Offsets behind the last records that are committed. One question is asked at a time; throws
  /// what the client throws when the brokers do not answer in time, or this is closed meanwhile,
  /// and `NotReadInTimeException` when it was closed before, or no millisecond is left.
  ///
  /// @param until longest wait for the brokers, by `System.nanoTime`
  Map<TopicPartition, Long> ask(Collection<TopicPartition> partitions, long until) {
    use.lock();
    try {
      KafkaConsumer<String, byte[]> own = consumer;
      if (own == null && !closed) {
        own = clients.assignedConsumer(name, 1);
        consumer = own;
      }
      // Looked at once there is something to wake: whoever closes later wakes it.
      if (own == null || closed) {
        throw new NotReadInTimeException(name + " is closed", null);
      }
      Duration left = Duration.ofNanos(until - System.nanoTime());
      // Asked without time the client asks nobody, and gives no ends, as if there were none.
      if (left.toMillis() <= 0) {
        throw new NotReadInTimeException(name + " has no time left to ask", null);
      }
      return Map.copyOf(own.endOffsets(partitions, left));
    } finally {
      use.unlock();
    }
  }

  /// Whoever asks now is woken.
  @Override
  public void close() {
    closed = true;
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
}
