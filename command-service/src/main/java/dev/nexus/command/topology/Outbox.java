package dev.nexus.command.topology;

import dev.nexus.platform.stream.RecordSink;
import dev.nexus.platform.stream.RecordSink.Outgoing;
import dev.nexus.platform.stream.RecordSink.Written;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Collects what goes out because of one input, for the sink to take as one decision.
final class Outbox implements AutoCloseable {
  private final RecordSink sink;
  private final List<Outgoing> decided = new ArrayList<>();
  private final List<Runnable> afterwards = new ArrayList<>();

  Outbox(RecordSink sink) {
    this.sink = sink;
  }

  void add(ProducerRecord<String, byte[]> record) {
    add(record, Written.UNNEEDED);
  }

  void add(ProducerRecord<String, byte[]> record, Written written) {
    decided.add(new Outgoing(record, written));
  }

  /// A record that is not part of what else goes out.
  void write(ProducerRecord<String, byte[]> record) {
    add(record);
    seal();
  }

  /// To be done when the log has what was added so far; never done where the write fails.
  void afterwards(Runnable work) {
    afterwards.add(work);
  }

  /// Whether nothing goes out because of this input, so far.
  boolean isEmpty() {
    return decided.isEmpty();
  }

  /// Nothing more goes out because of this input.
  void seal() {
    if (!decided.isEmpty()) {
      sink.write(List.copyOf(decided));
      decided.clear();
    }
  }

  /// Returns when the log has all of it.
  void commit() {
    seal();
    sink.commit();
    afterwards.forEach(Runnable::run);
    afterwards.clear();
  }

  /// Throws when something that went out turns out to be without its end.
  void passTime() {
    sink.passTime();
  }

  boolean healthy() {
    return sink.healthy();
  }

  @Override
  public void close() {
    sink.close();
  }
}
