package dev.nexus.platform.stream;

import dev.nexus.platform.stream.RecordSink.Outgoing;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/// Hands records to a producer and remembers the first that failed.
final class Sends {
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

  /// Says where the record stands once it does.
  void send(Outgoing out, KafkaProducer<String, byte[]> to) {
    to.send(
        out.record(),
        (RecordMetadata metadata, @Nullable Exception e) -> {
          if (e != null) {
            failure.compareAndSet(null, e);
          } else {
            out.written().at(metadata.partition(), metadata.offset());
          }
        });
  }

  /// Throws when a record given to it is known not to stand in the log.
  void requireSent() {
    Exception e = failure.get();
    if (e != null) {
      throw new IllegalStateException("a write to the log failed", e);
    }
  }
}
