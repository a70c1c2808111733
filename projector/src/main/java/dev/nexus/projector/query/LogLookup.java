package dev.nexus.projector.query;

import dev.nexus.platform.http.Problem;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogLag;
import dev.nexus.platform.stream.LogOffsets;
import dev.nexus.platform.stream.RecordLookup;
import dev.nexus.projector.store.Progress;
import dev.nexus.projector.store.Slot;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the log itself: single records that Redis keeps by reference, and where partitions end.
public final class LogLookup implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogLookup.class);

  private final KafkaClients clients;
  private final RecordLookup records;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Admin admin;

  public LogLookup(KafkaClients clients) {
    this.clients = clients;
    this.records = new RecordLookup(clients, "projector-lookup");
  }

  /// The bytes of a record; empty when the log no longer has it. Throws a problem where the log
  /// does not tell, as nobody knows then what it has.
  Optional<byte[]> record(Slot slot, long offset) {
    try {
      return records.kept(partition(slot), offset);
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      LOG.atWarn()
          .setCause(e)
          .addKeyValue("partition", slot)
          .addKeyValue("offset", offset)
          .log("a query could not be answered from the log");
      throw Problem.logSilent().exception();
    }
  }

  /// Where each partition ends for readers of committed records.
  Map<Slot, Long> ends(List<Slot> slots) {
    List<TopicPartition> partitions = slots.stream().map(LogLookup::partition).toList();
    Map<TopicPartition, Long> found = offsets(partitions, OffsetSpec.latest());
    Map<Slot, Long> ends = new HashMap<>();
    slots.forEach(slot -> ends.put(slot, found.getOrDefault(partition(slot), 0L)));
    return ends;
  }

  /// Records of some topics, as the brokers name them, that projections have not applied yet.
  /// A partition that the projector does not know yet does not count.
  long behind(List<String> topics, Progress progress) {
    return asked(
        () ->
            new LogLag(clients, admin())
                .behind(progress.positions(topics).keySet(), () -> progress.positions(topics)));
  }

  /// Positions between beginning and end of every topic. Ends of transactions take positions too,
  /// so this is no exact number of records where writers use them.
  Map<Topic, Long> lengths() {
    Map<TopicPartition, Topic> topics = partitions();
    Map<TopicPartition, Long> begins = offsets(topics.keySet(), OffsetSpec.earliest());
    Map<Topic, Long> lengths = new EnumMap<>(Topic.class);
    offsets(topics.keySet(), OffsetSpec.latest())
        .forEach(
            (partition, end) -> {
              Topic topic = topics.get(partition);
              if (topic != null) {
                lengths.merge(topic, end - begins.getOrDefault(partition, 0L), Long::sum);
              }
            });
    return lengths;
  }

  private Map<TopicPartition, Topic> partitions() {
    Map<String, Topic> byName = new HashMap<>();
    for (Topic topic : Topic.values()) {
      byName.put(clients.name(topic), topic);
    }
    Map<TopicPartition, Topic> partitions = new HashMap<>();
    asked(() -> admin().describeTopics(byName.keySet()).allTopicNames().get())
        .forEach(
            (name, description) -> {
              Topic topic = byName.get(name);
              if (topic != null) {
                description
                    .partitions()
                    .forEach(p -> partitions.put(new TopicPartition(name, p.partition()), topic));
              }
            });
    return partitions;
  }

  private Map<TopicPartition, Long> offsets(
      Collection<TopicPartition> partitions, OffsetSpec spec) {
    return asked(() -> LogOffsets.at(admin(), partitions, spec));
  }

  private interface Question<T> {
    T ask() throws ExecutionException, InterruptedException;
  }

  private static <T> T asked(Question<T> question) {
    try {
      return question.ask();
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
        admin = clients.impatientAdmin();
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
    records.close();
    lock.lock();
    try {
      if (admin != null) {
        admin.close(Duration.ofSeconds(1));
      }
    } finally {
      lock.unlock();
    }
  }
}
