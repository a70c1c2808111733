package dev.nexus.platform.stream;

import static java.util.stream.Collectors.partitioningBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/// Writes without transactions, for the one owner of a broker of its own. The broker appends a
/// batch of a partition whole or not at all, and a decision is never spread over two: batches end
/// at a commit only. So the facts of a decision are there or not; what follows from them stands on
/// other partitions and may be missing after a crash, which whoever recovers must complete.
///
/// Nothing is handed to the producer before the commit, and sends are repeated until the broker has
/// answered: what is given up could still arrive after its owner has recovered.
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
  private final List<Outgoing> pending = new ArrayList<>();
  private final Sends sends = new Sends();
  private @Nullable KafkaProducer<String, byte[]> wide;
  private long pendingBytes;

  BatchedWrites(KafkaClients clients, String name) {
    this.clients = clients;
    this.name = name;
    this.producer = clients.batchingProducer(name, BATCH);
  }

  @Override
  public void write(List<Outgoing> decision) {
    long bytes = 0;
    for (Outgoing out : decision) {
      bytes += requireSendable(out.record());
    }
    if (pendingBytes + bytes > BATCH) {
      commit();
    }
    if (bytes > BATCH) {
      writeWide(decision);
    } else {
      pending.addAll(decision);
      pendingBytes += bytes;
    }
  }

  /// Too much for one request, so what follows from the facts waits until they are there.
  private void writeWide(List<Outgoing> decision) {
    String facts = decision.getFirst().record().topic();
    var parts =
        decision.stream().collect(partitioningBy(out -> out.record().topic().equals(facts)));
    long bytes =
        parts.getOrDefault(true, List.of()).stream().mapToLong(out -> bytes(out.record())).sum();
    if (bytes > WIDE) {
      throw new IllegalStateException(
          "the facts of a decision have " + bytes + " bytes, at most " + WIDE + " are one write");
    }
    KafkaProducer<String, byte[]> to = wide();
    send(parts.getOrDefault(true, List.of()), to);
    send(parts.getOrDefault(false, List.of()), to);
  }

  /// Bytes of the record. One too large is refused before any other of its decision is handed over.
  private static long requireSendable(ProducerRecord<String, byte[]> record) {
    long bytes = bytes(record);
    if (bytes > WIDE) {
      throw new IllegalStateException(
          "a record for " + record.topic() + " has " + bytes + " bytes, at most " + WIDE + " go");
    }
    return bytes;
  }

  private static long bytes(ProducerRecord<String, byte[]> record) {
    byte[] value = record.value(); // none where a key of a compacted topic is deleted
    long bytes = OVERHEAD + record.key().length() * 3L + (value == null ? 0 : value.length);
    for (Header header : record.headers()) {
      bytes += OVERHEAD / 2 + header.key().length() + header.value().length;
    }
    return bytes;
  }

  /// What cannot be sent ends it before anything behind it goes out.
  private void send(List<Outgoing> records, KafkaProducer<String, byte[]> to) {
    for (Outgoing out : records) {
      sends.send(out, to);
      sends.requireSent();
    }
    to.flush();
    sends.requireSent();
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
    if (!pending.isEmpty()) {
      send(pending, producer);
      pending.clear();
      pendingBytes = 0;
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
