package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/// Tells whether a log has lost its end since it was read, with the power or because it is an older
/// copy of itself, also when it has grown past that place again.
public final class LostEnd {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private LostEnd() {}

  /// Whether something else stands where the record that was read last stood, or between it and the
  /// position to go on from. False when the log no longer reaches back so far: nothing can be said
  /// then. Throws `TimeoutException` when the brokers do not answer.
  ///
  /// @param consumer one that stops at a gap; it is assigned this partition
  /// @param last record that was read
  /// @param next position to go on from; not beyond the log's end
  /// @param compacted whether records may be missing in between
  public static boolean isFelt(
      Consumer<String, byte[]> consumer,
      TopicPartition partition,
      Imprint last,
      long next,
      boolean compacted) {
    consumer.assign(Set.of(partition));
    consumer.seek(partition, last.offset());
    boolean there = compacted;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (consumer.position(partition) < next) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          if (record.offset() >= next) {
            return !there;
          }
          if (!last.fits(record)) {
            return true;
          }
          there = true;
        }
        if (System.nanoTime() - deadline > 0) {
          throw new TimeoutException(partition + " could not be read at " + last.offset());
        }
      }
    } catch (InvalidOffsetException e) {
      return false; // deleted just now
    }
    return !there;
  }
}
