package dev.nexus.standalone.log;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogOffsets;
import dev.nexus.platform.stream.LogPartitions;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// What a topic held when it was asked for, and what comes behind that, for whoever follows it.
/// Committed records only, as they stand in each partition. It writes nothing, and is member of no
/// group. For one thread.
public final class TopicReading implements AutoCloseable {
  /// How long a log may give nothing although it has more.
  public static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(200);

  /// Where to begin.
  public sealed interface From {
    /// With the oldest there is.
    record Beginning() implements From {}

    /// So far before the ends that about so many records of each partition lie behind. Ends of
    /// transactions take offsets too, so it goes back twice as far.
    record Newest(int count) implements From {}

    /// With the first of each partition that is not older. Times on a log need not rise, but
    /// nothing before that one is new enough.
    record Time(Instant at) implements From {}
  }

  /// Takes records one at a time. What it throws ends the reading.
  public interface Taker {
    void take(ConsumerRecord<String, byte[]> record) throws IOException;
  }

  /// Is told now and then how far it is, in offsets.
  public interface Watcher {
    void at(long read, long of);
  }

  private final KafkaConsumer<String, byte[]> consumer;
  private final Map<TopicPartition, Long> ends;
  private final Duration patience;

  private TopicReading(
      KafkaConsumer<String, byte[]> consumer, Map<TopicPartition, Long> ends, Duration patience) {
    this.consumer = consumer;
    this.ends = ends;
    this.patience = patience;
  }

  /// Of a topic as it ends now. An `ExecutionException` when it is not there, or the brokers do not
  /// answer.
  ///
  /// @param admin one that does not wait long, closed by the caller
  /// @param reader name of the client on the brokers
  /// @param patience how long the log may give nothing although it has more
  public static TopicReading of(
      KafkaClients clients, Admin admin, Topic topic, From from, String reader, Duration patience)
      throws ExecutionException, InterruptedException {
    List<TopicPartition> partitions = LogPartitions.of(clients, admin, topic);
    Map<TopicPartition, Long> ends = LogOffsets.at(admin, partitions, OffsetSpec.latest());
    Map<TopicPartition, Long> starts = starts(admin, ends, from);
    KafkaConsumer<String, byte[]> consumer = clients.assignedConsumer(reader);
    consumer.assign(partitions);
    starts.forEach(consumer::seek);
    return new TopicReading(consumer, ends, patience);
  }

  private static Map<TopicPartition, Long> starts(
      Admin admin, Map<TopicPartition, Long> ends, From from)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, Long> starts =
        switch (from) {
          case From.Beginning() -> LogOffsets.at(admin, ends.keySet(), OffsetSpec.earliest());
          case From.Newest(int count) -> {
            Map<TopicPartition, Long> found =
                LogOffsets.at(admin, ends.keySet(), OffsetSpec.earliest());
            found.replaceAll(
                (partition, begin) ->
                    Math.max(begin, ends.getOrDefault(partition, begin) - 2L * count));
            yield found;
          }
          case From.Time(Instant at) ->
              LogOffsets.at(admin, ends.keySet(), OffsetSpec.forTimestamp(at.toEpochMilli()));
        };
    Map<TopicPartition, Long> within = new HashMap<>();
    ends.forEach(
        (partition, end) ->
            within.put(partition, Math.min(end, starts.getOrDefault(partition, end))));
    return within;
  }

  /// Hands over everything up to where the topic ended. Throws `LogSilentException` when the log
  /// gives nothing for longer than its patience.
  public void toTheEnd(Taker taker, Watcher watcher) throws IOException {
    long of = left();
    long left = of;
    long moved = System.nanoTime();
    while (left > 0) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        if (record.offset() < ends.getOrDefault(partition(record), 0L)) {
          taker.take(record);
        }
      }
      long now = left();
      if (now < left) {
        moved = System.nanoTime();
      } else if (System.nanoTime() - moved > patience.toNanos()) {
        throw new LogSilentException(patience, of - now, of);
      }
      left = now;
      watcher.at(of - left, of);
    }
  }

  /// Hands over what comes behind that end, none twice and none left out, until it is no longer
  /// wanted.
  public void follow(Taker taker, BooleanSupplier wanted) throws IOException {
    ends.forEach(consumer::seek);
    while (wanted.getAsBoolean()) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        taker.take(record);
      }
    }
  }

  private static TopicPartition partition(ConsumerRecord<String, byte[]> record) {
    return new TopicPartition(record.topic(), record.partition());
  }

  private long left() {
    return ends.entrySet().stream()
        .mapToLong(end -> Math.max(0, end.getValue() - consumer.position(end.getKey())))
        .sum();
  }

  @Override
  public void close() {
    // There is nothing to commit, and no fetch under way is worth waiting for.
    consumer.close(CloseOptions.timeout(Duration.ZERO));
  }
}
