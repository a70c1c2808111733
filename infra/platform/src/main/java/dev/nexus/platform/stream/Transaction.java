package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;

/// Writes all or nothing. One owner a transactional id: a newer one fences an older, whose writes
/// then fail. Used by one thread.
public final class Transaction implements RecordSink {
  /// Rest before the newest commits are looked after: the next write ends what they left open.
  private static final Duration LOOKED_AFTER = Duration.ofSeconds(10);

  private final KafkaProducer<String, byte[]> producer;
  private final Sends sends = new Sends();
  private final Duration lookedAfter;
  private final EndCheck ends;
  private boolean open;

  /// Whether something was committed of which nobody knows yet that it has its end everywhere.
  private boolean unproven;

  private long restsSince = System.nanoTime();

  /// Fences every earlier owner of the id and ends what it left open, on every partition.
  public Transaction(KafkaClients clients, String transactionalId) {
    this(
        clients,
        transactionalId,
        LOOKED_AFTER,
        () -> OrphanedWrites.left(clients, transactionalId));
  }

  /// @param lookedAfter rest before the newest commits are looked after
  /// @param left as `OrphanedWrites#left`, on a thread of its own
  Transaction(
      KafkaClients clients,
      String transactionalId,
      Duration lookedAfter,
      Supplier<Optional<List<TopicPartition>>> left) {
    this.lookedAfter = lookedAfter;
    this.ends = new EndCheck(transactionalId, left);
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
      ends.drop();
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

  /// Looks after the last write of a while, beside the work, until the brokers have answered. What
  /// they say counts when this is called the next time.
  @Override
  public void passTime() {
    if (open || !unproven) {
      return;
    }
    Optional<List<TopicPartition>> left = ends.take();
    unproven = left.isEmpty();
    left.filter(partitions -> !partitions.isEmpty())
        .ifPresent(
            partitions -> {
              throw new IllegalStateException(
                  "a crash of a broker took the end of a write on " + partitions);
            });
    if (unproven && System.nanoTime() - restsSince >= lookedAfter.toNanos()) {
      ends.ask();
      restsSince = System.nanoTime();
    }
  }

  /// Not while looks after the last write fail again and again: whether it has its end nobody knows
  /// then.
  @Override
  public boolean healthy() {
    return ends.healthy();
  }

  @Override
  public void close() {
    ends.close();
    producer.close(Duration.ofSeconds(2));
  }
}
