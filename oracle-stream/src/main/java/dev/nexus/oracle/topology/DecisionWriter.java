package dev.nexus.oracle.topology;

import dev.nexus.oracle.topology.Outbox.Pending;
import dev.nexus.platform.stream.KafkaClients;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;

/// Writes what was decided, all of it or nothing. A newer writer of the same partition fences this
/// one: its next write throws `ProducerFencedException`.
final class DecisionWriter implements AutoCloseable {
  private final KafkaProducer<String, byte[]> producer;

  DecisionWriter(KafkaClients clients, int partition) {
    producer = clients.transactionalProducer("oracle-" + partition);
    try {
      producer.initTransactions();
    } catch (RuntimeException e) {
      producer.close();
      throw e;
    }
  }

  /// Returns when the log has the records, with the offsets of the routes among them. Throws
  /// `KafkaException` when it does not have them; the writer is of no use then.
  Map<ComponentKey, Long> write(List<Pending> records) {
    producer.beginTransaction();
    Map<ComponentKey, Future<RecordMetadata>> routes = new LinkedHashMap<>();
    for (Pending pending : records) {
      Future<RecordMetadata> future = producer.send(pending.record());
      pending.route().forEach(key -> routes.put(key, future));
    }
    producer.commitTransaction();
    Map<ComponentKey, Long> offsets = new LinkedHashMap<>();
    routes.forEach((key, future) -> offsets.put(key, offset(future)));
    return offsets;
  }

  private static long offset(Future<RecordMetadata> future) {
    try {
      return future.get().offset();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while writing decisions", e);
    } catch (ExecutionException e) {
      throw new KafkaException("a route was not written", e);
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
