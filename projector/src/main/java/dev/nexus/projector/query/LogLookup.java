package dev.nexus.projector.query;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.store.Slot;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Asks the log itself: single records that Redis keeps by reference, and where partitions end.
public final class LogLookup implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int POLLS = 20;

  private final KafkaClients clients;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable KafkaConsumer<String, byte[]> consumer;
  private @Nullable Admin admin;

  public LogLookup(KafkaClients clients) {
    this.clients = clients;
  }

  /// The bytes of a record; empty when the log no longer has it.
  Optional<byte[]> record(Slot slot, long offset) {
    lock.lock();
    try {
      KafkaConsumer<String, byte[]> reader = reader();
      var partition = new TopicPartition(slot.topic(), slot.partition());
      reader.assign(Set.of(partition));
      reader.seek(partition, offset);
      for (int i = 0; i < POLLS; i++) {
        for (var record : reader.poll(POLL)) {
          return record.offset() == offset ? Optional.of(record.value()) : Optional.empty();
        }
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private KafkaConsumer<String, byte[]> reader() {
    if (consumer == null) {
      consumer = clients.assignedConsumer("projector-lookup", 1);
    }
    return consumer;
  }

  /// Where each partition ends for readers of committed records.
  Map<Slot, Long> ends(List<Slot> slots) {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    slots.forEach(s -> asked.put(partition(s), OffsetSpec.latest()));
    Map<TopicPartition, Long> found = offsets(asked);
    Map<Slot, Long> ends = new HashMap<>();
    slots.forEach(slot -> ends.put(slot, found.getOrDefault(partition(slot), 0L)));
    return ends;
  }

  /// Positions between beginning and end of every topic. Ends of transactions take positions too,
  /// so this is no exact number of records where writers use them.
  Map<Topic, Long> lengths() {
    Map<TopicPartition, OffsetSpec> first = new HashMap<>();
    Map<TopicPartition, OffsetSpec> last = new HashMap<>();
    Map<TopicPartition, Topic> topics = new HashMap<>();
    for (Topic topic : Topic.values()) {
      for (TopicPartition partition : partitions(clients.name(topic))) {
        first.put(partition, OffsetSpec.earliest());
        last.put(partition, OffsetSpec.latest());
        topics.put(partition, topic);
      }
    }
    Map<TopicPartition, Long> begins = offsets(first);
    Map<Topic, Long> lengths = new EnumMap<>(Topic.class);
    offsets(last)
        .forEach(
            (partition, end) -> {
              Topic topic = topics.get(partition);
              if (topic != null) {
                lengths.merge(topic, end - begins.getOrDefault(partition, 0L), Long::sum);
              }
            });
    return lengths;
  }

  private List<TopicPartition> partitions(String topic) {
    lock.lock();
    try {
      List<TopicPartition> partitions = new ArrayList<>();
      reader()
          .partitionsFor(topic)
          .forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
      return partitions;
    } finally {
      lock.unlock();
    }
  }

  private Map<TopicPartition, Long> offsets(Map<TopicPartition, OffsetSpec> asked) {
    try {
      Map<TopicPartition, Long> offsets = new HashMap<>();
      admin()
          .listOffsets(asked, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
          .all()
          .get()
          .forEach((partition, info) -> offsets.put(partition, info.offset()));
      return offsets;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking for offsets", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the log does not give its offsets: " + e.getCause(), e);
    }
  }

  private Admin admin() {
    lock.lock();
    try {
      if (admin == null) {
        admin = clients.admin();
      }
      return admin;
    } finally {
      lock.unlock();
    }
  }

  private static TopicPartition partition(Slot slot) {
    return new TopicPartition(slot.topic(), slot.partition());
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (consumer != null) {
        consumer.close();
      }
      if (admin != null) {
        admin.close(Duration.ofSeconds(1));
      }
    } finally {
      lock.unlock();
    }
  }
}
