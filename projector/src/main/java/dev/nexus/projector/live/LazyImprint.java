package dev.nexus.projector.live;

import dev.nexus.platform.stream.Imprint;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// What a record looked like, shortened. That takes time to make, and of most records nobody asks
/// for it. Until somebody does, the record is kept. For any thread.
public final class LazyImprint {
  private final long offset;
  private Supplier<Imprint> imprint;

  private LazyImprint(long offset, Supplier<Imprint> imprint) {
    this.offset = offset;
    this.imprint = imprint;
  }

  static LazyImprint of(ConsumerRecord<String, byte[]> record) {
    return new LazyImprint(record.offset(), () -> Imprint.of(record).shortened());
  }

  static LazyImprint of(Imprint made) {
    return new LazyImprint(made.offset(), () -> made);
  }

  long offset() {
    return offset;
  }

  synchronized Imprint get() {
    Imprint made = imprint.get();
    imprint = () -> made;
    return made;
  }
}
