package dev.nexus.platform.stream;

import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;

/// Writes all or nothing. One owner a transactional id: a newer one fences an older, whose writes
/// then fail. Used by one thread.
public final class Transaction implements RecordSink {
  private final KafkaProducer<String, byte[]> producer;
  private final Sends sends = new Sends();
  private boolean open;

  /// Fences every earlier owner of the id and ends what it left open.
  public Transaction(KafkaClients clients, String transactionalId) {
    this.producer = clients.transactionalProducer(transactionalId);
    try {
      producer.initTransactions();
      OrphanedWrites.end(clients, transactionalId);
    } catch (RuntimeException e) {
      producer.close(java.time.Duration.ZERO);
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
    sends.requireSent();
  }

  @Override
  public void close() {
    producer.close(java.time.Duration.ofSeconds(2));
  }
}
