package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Reads single records again, by their positions. One at a time: who asks while another is being
/// read waits for that, but no longer than for the log.
public final class RecordLookup implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final KafkaClients clients;
  private final String name;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable KafkaConsumer<String, byte[]> consumer;
  private boolean closed;

  /// `name` is that of the client on the brokers. Nothing is connected before the first question.
  public RecordLookup(KafkaClients clients, String name) {
    this.clients = clients;
    this.name = name;
  }

  /// The value of a record; empty when the log no longer has it. Throws `TimeoutException` when the
  /// log does not answer in time: then nobody knows.
  public Optional<byte[]> kept(TopicPartition partition, long offset) {
    takeTurn(partition, offset);
    try {
      if (closed) {
        throw new IllegalStateException("nothing is read again any more: " + name + " is closed");
      }
      KafkaConsumer<String, byte[]> reader = consumer;
      if (reader == null) {
        reader = clients.assignedConsumer(name, 1);
        consumer = reader;
      }
      reader.assign(Set.of(partition));
      reader.seek(partition, offset);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      // Past the position without a record: compacted or cut away.
      while (reader.position(partition, PATIENCE) <= offset) {
        for (var record : reader.poll(POLL)) {
          return record.offset() == offset ? Optional.ofNullable(record.value()) : Optional.empty();
        }
        if (System.nanoTime() - deadline > 0) {
          return unanswered(reader, partition, offset);
        }
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private void takeTurn(TopicPartition partition, long offset) {
    try {
      if (!lock.tryLock(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new TimeoutException(
            partition + " could not be asked for its record " + offset + " behind other questions");
      }
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /// A record that is not there yet is not there either; whether it is, only brokers know.
  private static Optional<byte[]> unanswered(
      KafkaConsumer<String, byte[]> reader, TopicPartition partition, long offset) {
    Long end = reader.endOffsets(Set.of(partition), PATIENCE).get(partition);
    if (end != null && end <= offset) {
      return Optional.empty();
    }
    throw new TimeoutException(partition + " did not give its record " + offset + " in time");
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (consumer != null) {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
        consumer = null;
      }
    } finally {
      lock.unlock();
    }
  }
}
