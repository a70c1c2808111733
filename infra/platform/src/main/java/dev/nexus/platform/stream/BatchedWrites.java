package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/// Writes without transactions, for the one owner of a broker of its own. The broker appends a
/// batch of a partition whole or not at all, and a decision is never spread over two: batches end
/// at a commit only. So the facts of a decision are there or not; what follows from them stands on
/// other partitions and may be missing after a crash, which whoever recovers must complete.
///
/// Sends are repeated until the broker has answered: one given up could still arrive after its
/// owner has recovered.
final class BatchedWrites implements RecordSink {
  /// Bytes of a batch, of all partitions together.
  private static final int BATCH = 1 << 20;

  /// The same for a decision that is larger by itself.
  private static final int WIDE = KafkaClients.LARGEST_CONSEQUENCE;

  /// Bytes that a record or a header may take besides its texts and values, generously.
  private static final int OVERHEAD = 64;

  private final KafkaClients clients;
  private final String name;
  private final KafkaProducer<String, byte[]> producer;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private @Nullable KafkaProducer<String, byte[]> wide;
  private long pending;

  BatchedWrites(KafkaClients clients, String name) {
    this.clients = clients;
    this.name = name;
    this.producer = clients.batchingProducer(name, BATCH);
  }

  @Override
  public void write(List<Outgoing> decision) {
    long bytes = decision.stream().mapToLong(out -> bytes(out.record())).sum();
    if (pending + bytes > BATCH) {
      commit();
    }
    if (bytes > BATCH) {
      send(decision, wide());
      flush(wide());
    } else {
      pending += bytes;
      send(decision, producer);
    }
  }

  private static long bytes(ProducerRecord<String, byte[]> record) {
    long bytes = OVERHEAD + record.key().length() * 3L + record.value().length;
    for (Header header : record.headers()) {
      bytes += OVERHEAD / 2 + header.key().length() + header.value().length;
    }
    return bytes;
  }

  private void send(List<Outgoing> decision, KafkaProducer<String, byte[]> to) {
    for (Outgoing out : decision) {
      to.send(
          out.record(),
          (RecordMetadata metadata, @Nullable Exception e) -> {
            if (e != null) {
              failure.compareAndSet(null, e);
            } else {
              out.written().at(metadata.partition(), metadata.offset());
            }
          });
    }
  }

  private KafkaProducer<String, byte[]> wide() {
    KafkaProducer<String, byte[]> present = wide;
    if (present == null) {
      present = clients.batchingProducer(name + "-wide", WIDE);
      wide = present;
    }
    return present;
  }

  @Override
  public void commit() {
    if (pending > 0) {
      pending = 0;
      flush(producer);
    }
  }

  private void flush(KafkaProducer<String, byte[]> of) {
    of.flush();
    Exception e = failure.get();
    if (e != null) {
      throw new IllegalStateException("a write failed", e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
    if (wide != null) {
      wide.close(Duration.ZERO);
    }
  }
}
