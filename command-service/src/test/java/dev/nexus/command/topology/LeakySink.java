package dev.nexus.command.topology;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RecordSink;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/// Once armed, lets a subset of the records of a transaction through to the broker, and when it is
/// to commit, its owner dies instead: nothing is committed, aborted or closed. Until then it
/// commits like any other.
final class LeakySink implements RecordSink {
  /// The owner is dead.
  static final class DeadException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private final KafkaProducer<String, byte[]> producer;
  private final long subset;
  private final Runnable death;
  private int sent;
  private boolean open;
  private boolean armed;

  /// @param subset bit n lets the n-th record through
  LeakySink(KafkaClients clients, int partition, long subset, Runnable death) {
    this.producer = clients.transactionalProducer("router-" + partition);
    this.producer.initTransactions();
    this.subset = subset;
    this.death = death;
  }

  /// From now on its owner's next transaction is the last.
  void arm() {
    armed = true;
    sent = 0;
  }

  @Override
  public void send(ProducerRecord<String, byte[]> record, Written written) {
    if (!armed || (subset >> sent++ & 1) == 1) {
      if (!open) {
        producer.beginTransaction();
        open = true;
      }
      try {
        Future<RecordMetadata> future = producer.send(record);
        producer.flush();
        RecordMetadata at = future.get();
        written.at(at.partition(), at.offset());
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /// Records of the decision, those held back too.
  int sent() {
    return sent;
  }

  @Override
  public void commit() {
    if (armed && sent > 0) {
      death.run();
      throw new DeadException();
    }
    if (open) {
      producer.commitTransaction();
      open = false;
    }
  }

  /// A dead process closes nothing.
  @Override
  public void close() {}

  /// Frees the threads of the abandoned producer, long after a new owner has fenced it.
  void bury() {
    producer.close(java.time.Duration.ZERO);
  }
}
