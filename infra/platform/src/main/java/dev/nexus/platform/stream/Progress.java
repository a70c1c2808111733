package dev.nexus.platform.stream;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/// How far inputs are worked off, as it is told to the broker. Where nothing is left to do, that is
/// where the consumer stands: behind the end marker of a transaction, which takes an offset and is
/// no record, so that an idle reader is not told to be a record behind for ever.
///
/// `workedOff` and `positions` may be called on any thread, the other methods on the reader's.
final class Progress {
  private final Map<TopicPartition, Long> worked = new ConcurrentHashMap<>();

  /// Position behind the last record that was handed to a worker.
  private final Map<TopicPartition, Long> handed = new HashMap<>();

  private final Map<TopicPartition, Long> told = new ConcurrentHashMap<>();

  /// All before `next` is done.
  void workedOff(TopicPartition input, long next) {
    worked.put(input, next);
  }

  /// All before `next` is with the worker of its partition, or was done before.
  void handed(TopicPartition input, long next) {
    handed.put(input, next);
  }

  /// How far each input is worked off now, of those that are known.
  Map<TopicPartition, Long> positions() {
    Map<TopicPartition, Long> positions = new HashMap<>(worked);
    told.forEach((input, reached) -> positions.merge(input, reached, Math::max));
    return positions;
  }

  /// What has changed since it was last asked for. Inputs of others are forgotten.
  ///
  /// @param position where the consumer stands on an input
  Map<TopicPartition, OffsetAndMetadata> news(
      Collection<TopicPartition> assigned, ToLongFunction<TopicPartition> position) {
    worked.keySet().retainAll(assigned);
    handed.keySet().retainAll(assigned);
    told.keySet().retainAll(assigned);
    Map<TopicPartition, OffsetAndMetadata> news = new HashMap<>();
    worked.forEach(
        (input, next) -> {
          boolean idle = next.equals(handed.get(input));
          long reached = idle ? Math.max(next, position.applyAsLong(input)) : next;
          Long before = told.put(input, reached);
          if (before == null || before != reached) {
            news.put(input, new OffsetAndMetadata(reached));
          }
        });
    return news;
  }
}
