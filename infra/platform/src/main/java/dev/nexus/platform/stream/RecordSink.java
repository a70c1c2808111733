package dev.nexus.platform.stream;

import org.apache.kafka.clients.producer.ProducerRecord;

/// Where the records of decisions go, all of a decision or none.
public interface RecordSink extends AutoCloseable {
  /// Told where a record stands, on another thread, before `commit` returns.
  interface Written {
    Written UNNEEDED = (partition, offset) -> {};

    void at(int partition, long offset);
  }

  void send(ProducerRecord<String, byte[]> record, Written written);

  void commit();

  @Override
  void close();
}
