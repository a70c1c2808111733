package dev.nexus.command.trigger;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How many records of `nexus.events` stand before the dispatchers, by the partition that has most:
/// its end, less what the dispatchers' group says it is done with. The brokers are asked for both,
/// so it counts the dispatchers of all processes. Used by one thread.
public final class Backlog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Backlog.class);

  /// Dispatchers say how far they are once a second, so an answer is that old anyway.
  private static final Duration ASKED_EVERY = Duration.ofSeconds(1);

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final TimeUnit MS = TimeUnit.MILLISECONDS;

  private final KafkaClients clients;
  private final long most;
  private @Nullable Admin admin;
  private long askedAt = System.nanoTime() - ASKED_EVERY.toNanos();
  private boolean grown = true;
  private boolean high;
  private long size;

  /// @param most records before the dispatchers at which it is high; at half of it no longer
  public Backlog(KafkaClients clients, long most) {
    this.clients = clients;
    this.most = most;
  }

  /// Something was added.
  void grown() {
    grown = true;
  }

  /// Whether there are so many that nothing more should be added. Brokers that do not answer have
  /// no room either.
  boolean isHigh() {
    if ((grown || high) && System.nanoTime() - askedAt >= ASKED_EVERY.toNanos()) {
      askedAt = System.nanoTime();
      grown = false;
      try {
        size = ask();
        high = high ? size > most / 2 : size > most;
      } catch (ExecutionException | TimeoutException e) {
        LOG.atWarn().setCause(e).log("the brokers do not say how many events wait");
        high = true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return high;
  }

  /// As it was when last asked for.
  long size() {
    return size;
  }

  private long ask() throws ExecutionException, InterruptedException, TimeoutException {
    Admin asked = admin();
    String topic = clients.name(Topic.EVENTS);
    var description =
        asked
            .describeTopics(List.of(topic))
            .allTopicNames()
            .get(PATIENCE.toMillis(), MS)
            .get(topic);
    Map<TopicPartition, OffsetSpec> newest = new HashMap<>();
    Map<TopicPartition, OffsetSpec> oldest = new HashMap<>();
    if (description != null) {
      for (var partition : description.partitions()) {
        newest.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest());
        oldest.put(new TopicPartition(topic, partition.partition()), OffsetSpec.earliest());
      }
    }
    Map<TopicPartition, ListOffsetsResultInfo> ends =
        asked.listOffsets(newest).all().get(PATIENCE.toMillis(), MS);
    Map<TopicPartition, ListOffsetsResultInfo> begins =
        asked.listOffsets(oldest).all().get(PATIENCE.toMillis(), MS);
    Map<TopicPartition, OffsetAndMetadata> done =
        asked
            .listConsumerGroupOffsets(clients.group(Dispatcher.GROUP))
            .partitionsToOffsetAndMetadata()
            .get(PATIENCE.toMillis(), MS);
    long largest = 0;
    for (var end : ends.entrySet()) {
      ListOffsetsResultInfo begin = begins.get(end.getKey());
      OffsetAndMetadata position = done.get(end.getKey());
      long from =
          Math.max(begin == null ? 0 : begin.offset(), position == null ? 0 : position.offset());
      largest = Math.max(largest, end.getValue().offset() - from);
    }
    return largest;
  }

  private Admin admin() {
    Admin present = admin;
    if (present == null) {
      present = clients.admin();
      admin = present;
    }
    return present;
  }

  @Override
  public void close() {
    if (admin != null) {
      admin.close(Duration.ofSeconds(1));
    }
  }
}
