package dev.nexus.projector.stream;

import dev.nexus.platform.stream.Imprint;
import dev.nexus.projector.store.Mark;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/// Where a partition goes on.
///
/// @param from what the consumer is to read from
record Place(Mark mark, OffsetAndMetadata from) {

  static Place at(Mark mark) {
    return new Place(mark, new OffsetAndMetadata(mark.next()));
  }

  /// Right behind the last record, which the log is known to have in its epoch. Told that one, the
  /// consumer asks the broker at every newer one whether the log still reaches so far in it. No
  /// records stand between the two, but maybe ends of transactions, which are of any epoch.
  static Place behind(Optional<Imprint> last, Mark mark) {
    return last.filter(it -> it.epoch() >= 0)
        .map(
            it ->
                new Place(
                    mark, new OffsetAndMetadata(it.offset() + 1, Optional.of(it.epoch()), "")))
        .orElseGet(() -> at(mark));
  }
}
