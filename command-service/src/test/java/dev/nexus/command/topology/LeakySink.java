package dev.nexus.command.topology;

import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RecordSink;
import dev.nexus.topic.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;

/// Once armed, its owner dies when it is to commit, with a subset of what reaches the broker by
/// itself on the broker: nothing is committed, aborted or closed. Until then it commits like any
/// other.
public abstract class LeakySink implements RecordSink {
  /// The owner is dead.
  public static final class DeadException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private final long subset;
  private final Runnable death;
  private final List<Outgoing> held = new ArrayList<>();
  private int parts;
  private boolean armed;

  private LeakySink(long subset, Runnable death) {
    this.subset = subset;
    this.death = death;
  }

  /// @param subset bit n lets the n-th part through: a record of a transaction, or, without one,
  ///     the facts of all decisions of a write or a record that follows from them
  public static LeakySink of(
      KafkaClients clients, BrokerAccess access, int partition, long subset, Runnable death) {
    String name = "router-" + partition;
    return switch (access) {
      case OWN -> new Batches(RecordSink.open(clients, access, name), clients, subset, death);
      case SHARED -> new Records(clients.transactionalProducer(name), subset, death);
    };
  }

  /// From now on its owner's next commit is the last.
  public final void arm() {
    armed = true;
  }

  @Override
  public final void write(List<Outgoing> decision) {
    if (armed) {
      held.addAll(decision);
    } else {
      letThrough(decision);
    }
  }

  /// Parts of the last write, those held back too.
  public final int parts() {
    return parts;
  }

  @Override
  public final void commit() {
    if (held.isEmpty()) {
      commitAll();
      return;
    }
    for (List<Outgoing> part : parts(held)) {
      if ((subset >> parts++ & 1) == 1) {
        letThrough(part);
      }
    }
    death.run();
    throw new DeadException();
  }

  /// A dead process closes nothing.
  @Override
  public final void close() {}

  /// What reaches the broker as one.
  abstract List<List<Outgoing>> parts(List<Outgoing> write);

  abstract void letThrough(List<Outgoing> records);

  abstract void commitAll();

  /// Frees the threads of the abandoned sink, long after a new owner has come.
  public abstract void bury();

  private static final class Records extends LeakySink {
    private final KafkaProducer<String, byte[]> producer;
    private boolean open;

    Records(KafkaProducer<String, byte[]> producer, long subset, Runnable death) {
      super(subset, death);
      this.producer = producer;
      producer.initTransactions();
    }

    @Override
    List<List<Outgoing>> parts(List<Outgoing> write) {
      return write.stream().map(List::of).toList();
    }

    @Override
    void letThrough(List<Outgoing> records) {
      if (!open) {
        producer.beginTransaction();
        open = true;
      }
      for (Outgoing out : records) {
        try {
          var future = producer.send(out.record());
          producer.flush();
          RecordMetadata at = future.get();
          out.written().at(at.partition(), at.offset());
        } catch (InterruptedException | ExecutionException e) {
          throw new IllegalStateException(e);
        }
      }
    }

    @Override
    void commitAll() {
      if (open) {
        producer.commitTransaction();
        open = false;
      }
    }

    @Override
    public void bury() {
      producer.close(java.time.Duration.ZERO);
    }
  }

  private static final class Batches extends LeakySink {
    private final RecordSink sink;
    private final String facts;

    Batches(RecordSink sink, KafkaClients clients, long subset, Runnable death) {
      super(subset, death);
      this.sink = sink;
      this.facts = clients.name(Topic.EXECUTIONS);
    }

    @Override
    List<List<Outgoing>> parts(List<Outgoing> write) {
      List<List<Outgoing>> parts = new ArrayList<>();
      List<Outgoing> ofFacts =
          write.stream().filter(out -> out.record().topic().equals(facts)).toList();
      if (!ofFacts.isEmpty()) {
        parts.add(ofFacts);
      }
      write.stream().filter(out -> !ofFacts.contains(out)).map(List::of).forEach(parts::add);
      return parts;
    }

    @Override
    void letThrough(List<Outgoing> records) {
      sink.write(records);
      sink.commit();
    }

    @Override
    void commitAll() {}

    @Override
    public void bury() {
      sink.close();
    }
  }
}
