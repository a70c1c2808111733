package dev.nexus.projector.live;

import dev.nexus.platform.stream.Imprint;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LostEnd;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/// Looks at the records right before places of the log, by which a log that has lost its end is
/// known. For one thread.
final class LastRecords implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int AT_ONCE = 100;

  /// How far before a place its record is looked for: ends of transactions may stand between.
  private static final int FAR = 16;

  private final KafkaConsumer<String, byte[]> consumer;

  LastRecords(KafkaClients clients, String name) {
    this.consumer = clients.scanningConsumer(name + "-last", AT_ONCE);
  }

  /// Whether the log has something else before `next` than what was read last. Both are on it.
  boolean differ(TopicPartition partition, Imprint last, long next) {
    return LostEnd.isFelt(consumer, partition, last, next, false);
  }

  /// The record before each of these places; none where it is not near, or was just deleted. Throws
  /// `TimeoutException` when the brokers do not answer.
  ///
  /// @param begins of the log
  Map<TopicPartition, LazyImprint> before(
      Map<TopicPartition, Long> places, Map<TopicPartition, Long> begins) {
    Map<TopicPartition, LazyImprint> found = new HashMap<>();
    consumer.assign(places.keySet());
    places.forEach(
        (partition, place) ->
            consumer.seek(partition, Math.max(begins.getOrDefault(partition, 0L), place - FAR)));
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (!haveReached(places)) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          var partition = new TopicPartition(record.topic(), record.partition());
          if (record.offset() < places.getOrDefault(partition, 0L)) {
            found.put(partition, LazyImprint.of(record));
          }
        }
        if (System.nanoTime() - deadline > 0) {
          throw new TimeoutException("the last records of the log could not be read");
        }
      }
    } catch (InvalidOffsetException e) {
      return Map.of(); // what was found may not be the last
    }
    return found;
  }

  private boolean haveReached(Map<TopicPartition, Long> places) {
    return places.entrySet().stream()
        .allMatch(place -> consumer.position(place.getKey()) >= place.getValue());
  }

  /// Does not wait for brokers, which may be away: who asks here may hold the feed's lock.
  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(Duration.ZERO));
  }
}
