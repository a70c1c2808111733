package dev.nexus.projector.stream;

import dev.nexus.platform.stream.Imprint;
import dev.nexus.projector.store.Mark;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/// Where a partition goes on: the mark of what is stored, and what the consumer reads next.
///
/// @param from what the consumer is to read from
record ResumePosition(Mark mark, OffsetAndMetadata from) {

  static ResumePosition at(Mark mark) {
    return new ResumePosition(mark, new OffsetAndMetadata(mark.next()));
  }

  /// Right behind the last record, which the log is known to have in its epoch.
  static ResumePosition behind(Optional<Imprint> last, Mark mark) {
    return last.flatMap(Imprint::behind)
        .map(from -> new ResumePosition(mark, from))
        .orElseGet(() -> at(mark));
  }
}
