package dev.nexus.platform.stream;

import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Where the records of decisions go. Of a decision's facts, which stand on one partition, a reader
/// sees all or none.
public interface RecordSink extends AutoCloseable {
  /// Told where a record stands, on another thread, before `commit` returns.
  interface Written {
    Written UNNEEDED = (partition, offset) -> {};

    void at(int partition, long offset);
  }

  /// A record on its way, and who wants to know where it stands.
  record Outgoing(ProducerRecord<String, byte[]> record, Written written) {
    public Outgoing(ProducerRecord<String, byte[]> record) {
      this(record, Written.UNNEEDED);
    }
  }

  /// Opens the sink of one owner. Where others may write to the broker, a newer owner of the same
  /// name fences an older one.
  static RecordSink open(KafkaClients clients, BrokerAccess access, String name) {
    return switch (access) {
      case OWN -> new BatchedWrites(clients, name);
      case SHARED -> new Transaction(clients, name);
    };
  }

  /// Takes the records of one decision, its facts first.
  void write(List<Outgoing> decision);

  /// Returns when the log has everything taken since the last commit; throws when it has not, after
  /// which this sink must be closed.
  void commit();

  /// Called now and then while nothing is under way. Throws when something that was committed turns
  /// out to be without its end: a new owner ends it.
  default void passTime() {}

  /// Whether all that `passTime` is to look after can be looked after.
  default boolean healthy() {
    return true;
  }

  @Override
  void close();
}
