package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Reads single records again, by their positions. One at a time: who asks while another is being
/// read waits for that.
public final class RecordLookup implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final KafkaClients clients;
  private final String name;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable KafkaConsumer<String, byte[]> consumer;

  /// `name` is that of the client on the brokers. Nothing is connected before the first question.
  public RecordLookup(KafkaClients clients, String name) {
    this.clients = clients;
    this.name = name;
  }

  /// The value of a record; empty when the log no longer has it, or does not answer in time.
  public Optional<byte[]> value(TopicPartition partition, long offset) {
    lock.lock();
    try {
      KafkaConsumer<String, byte[]> reader = consumer;
      if (reader == null) {
        reader = clients.assignedConsumer(name, 1);
        consumer = reader;
      }
      reader.assign(Set.of(partition));
      reader.seek(partition, offset);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      // Past the position without a record: compacted or cut away.
      while (reader.position(partition) <= offset && System.nanoTime() - deadline < 0) {
        for (var record : reader.poll(POLL)) {
          return record.offset() == offset ? Optional.ofNullable(record.value()) : Optional.empty();
        }
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (consumer != null) {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
        consumer = null;
      }
    } finally {
      lock.unlock();
    }
  }
}
