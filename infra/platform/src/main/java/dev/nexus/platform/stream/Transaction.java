package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;

/// Writes all or nothing. One owner a transactional id: a newer one fences an older, whose writes
/// then fail. Used by one thread.
public final class Transaction implements RecordSink {
  /// Rest before the newest commits are looked after: the next write ends what they left open.
  private static final Duration LOOKED_AFTER = Duration.ofSeconds(10);

  private final KafkaClients clients;
  private final String transactionalId;
  private final KafkaProducer<String, byte[]> producer;
  private final Sends sends = new Sends();
  private boolean open;

  /// Whether something was committed of which nobody knows yet that it has its end everywhere.
  private boolean unproven;

  private long restsSince = System.nanoTime();

  /// Fences every earlier owner of the id and ends what it left open, on every partition.
  public Transaction(KafkaClients clients, String transactionalId) {
    this.clients = clients;
    this.transactionalId = transactionalId;
    this.producer = clients.transactionalProducer(transactionalId);
    try {
      producer.initTransactions();
      List<ProducerRecord<String, byte[]>> again = OrphanedWrites.end(clients, transactionalId);
      write(again.stream().map(Outgoing::new).toList());
      commit();
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  /// Whether a write failed because a newer owner has taken over.
  public static boolean isFenced(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof ProducerFencedException || at instanceof InvalidProducerEpochException) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void write(List<Outgoing> decision) {
    if (decision.isEmpty()) {
      return;
    }
    if (!open) {
      producer.beginTransaction();
      open = true;
    }
    for (Outgoing out : decision) {
      sends.send(out, producer);
    }
  }

  /// Makes everything written since the last commit visible, at once.
  @Override
  public void commit() {
    if (!open) {
      return;
    }
    producer.commitTransaction();
    open = false;
    unproven = true;
    restsSince = System.nanoTime();
    sends.requireSent();
  }

  /// After the last write of a while, and until the brokers have answered.
  @Override
  public void passTime() {
    if (open || !unproven || System.nanoTime() - restsSince < LOOKED_AFTER.toNanos()) {
      return;
    }
    var left = OrphanedWrites.left(clients, transactionalId);
    unproven = left.isEmpty();
    restsSince = System.nanoTime();
    left.filter(partitions -> !partitions.isEmpty())
        .ifPresent(
            partitions -> {
              throw new IllegalStateException(
                  "a crash of a broker took the end of a write on " + partitions);
            });
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(2));
  }
}
