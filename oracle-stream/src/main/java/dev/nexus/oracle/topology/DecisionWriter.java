package dev.nexus.oracle.topology;

import dev.nexus.oracle.topology.Outbox.Pending;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RecordSink.Outgoing;
import dev.nexus.platform.stream.Transaction;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Writes what was decided, all of it or nothing. A newer writer of the same partition fences this
/// one: its next write throws `ProducerFencedException`.
final class DecisionWriter implements AutoCloseable {
  private final Transaction transaction;

  DecisionWriter(KafkaClients clients, int partition) {
    transaction = new Transaction(clients, ConsumerGroup.ORACLE.transactionalId(partition));
  }

  /// Returns when the log has the records, with the offsets of the routes among them. Throws when
  /// it does not have them; the writer is of no use then.
  Map<ComponentKey, Long> write(List<Pending> records) {
    Map<ComponentKey, Long> routes = new ConcurrentHashMap<>();
    transaction.write(
        records.stream()
            .map(
                pending ->
                    new Outgoing(
                        pending.record(),
                        (_, offset) -> pending.route().forEach(key -> routes.put(key, offset))))
            .toList());
    transaction.commit();
    return routes;
  }

  /// Throws when something that was written turns out to be without its end; the writer is of no
  /// use then.
  void passTime() {
    transaction.passTime();
  }

  boolean healthy() {
    return transaction.healthy();
  }

  @Override
  public void close() {
    transaction.close();
  }
}
