package dev.nexus.projector.stream;

import dev.nexus.platform.stream.Imprint;
import dev.nexus.platform.stream.LostEnd;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Slot;
import dev.nexus.topic.Topic.Keep;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// Whether the log still has what a generation was folded from last.
public final class LogLoss {
  private LogLoss() {}

  /// Whether the log has lost its end since `last` was applied, and has something else before
  /// `next`. False when it no longer reaches back so far.
  ///
  /// @param looking one that stops at a gap; it is assigned this partition
  /// @param begin of the log
  public static boolean isFelt(
      KafkaConsumer<String, byte[]> looking,
      Slot slot,
      Fold<?> fold,
      Imprint last,
      long next,
      long begin) {
    return last.offset() >= begin
        && LostEnd.isFelt(
            looking,
            new TopicPartition(slot.topic(), slot.partition()),
            last,
            next,
            isCompacted(fold));
  }

  /// Whether the log must still have the record that was applied last.
  static boolean mustHave(Fold<?> fold, Imprint last, long begin) {
    return last.offset() >= begin && !isCompacted(fold);
  }

  private static boolean isCompacted(Fold<?> fold) {
    return fold.topic().keep() instanceof Keep.Latest;
  }
}
