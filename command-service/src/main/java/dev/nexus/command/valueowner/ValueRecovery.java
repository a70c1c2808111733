package dev.nexus.command.valueowner;

import dev.nexus.command.value.ValueTable;
import dev.nexus.event.Event;
import dev.nexus.event.Position;
import dev.nexus.event.value.ValueEvent;
import dev.nexus.platform.service.CannotGoOnException;
import dev.nexus.topic.Topic;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Folds what the log has about a partition's values, and finds the first request that is not
/// decided. Its owner's fence has ended what an earlier one left open.
final class ValueRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(ValueRecovery.class);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final ValueContext context;
  private final ValueTable table;
  private final TopicPartition facts;
  private final TopicPartition requests;
  private long decidedTo = -1;
  private long records;

  ValueRecovery(ValueContext context, ValueTable table, int partition) {
    this.context = context;
    this.table = table;
    this.facts = new TopicPartition(context.clients().name(Topic.VALUES), partition);
    this.requests = new TopicPartition(context.clients().name(Topic.VALUE_REQUESTS), partition);
  }

  /// Gives where the requests are to be read from.
  long fold() {
    KafkaConsumer<String, byte[]> consumer =
        context.clients().assignedConsumer("values-recovery-" + facts.partition(), 5_000);
    try {
      requireEqual(consumer);
      consumer.assign(List.of(facts));
      consumer.seekToBeginning(List.of(facts));
      long end = end(facts);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (consumer.position(facts) < end) {
        if (System.nanoTime() - deadline > 0) {
          throw new IllegalStateException(facts + " could not be read up to " + end);
        }
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          take(record);
          records++;
        }
      }
      return within(consumer);
    } finally {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  /// Facts stand on the partition number of their request: with more or fewer they would have none,
  /// or be what nobody reads.
  private void requireEqual(KafkaConsumer<String, byte[]> consumer) {
    int asked = consumer.partitionsFor(requests.topic()).size();
    int kept = consumer.partitionsFor(facts.topic()).size();
    if (asked != kept) {
      throw new CannotGoOnException(
          "topics that must have equally many partitions have "
              + Map.of(requests.topic(), asked, facts.topic(), kept),
          "create anew those that have more than they had");
    }
  }

  /// Not behind the end of the requests: a log that lost it, or was made anew, goes on there.
  private long within(KafkaConsumer<String, byte[]> consumer) {
    long begin = consumer.beginningOffsets(List.of(requests)).getOrDefault(requests, 0L);
    long end = end(requests);
    table.decidesAgainBefore(end);
    if (decidedTo >= end) {
      LOG.atError()
          .addKeyValue("partition", requests)
          .addKeyValue("decided", decidedTo)
          .addKeyValue("end", end)
          .log("requests about values that were decided are gone from the log");
    }
    return Math.clamp(decidedTo + 1, begin, Math.max(begin, end));
  }

  private long end(TopicPartition of) {
    try (Admin admin = context.clients().admin()) {
      return admin.listOffsets(Map.of(of, OffsetSpec.latest())).partitionResult(of).get().offset();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the end of " + of + " is not known", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking for the end of " + of, e);
    }
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      if (record.key() != null) {
        table.takeRemoval(record.key());
      }
      return;
    }
    try {
      Event<ValueEvent> fact = ValueContext.FACTS.decode(record.value());
      Position about = fact.envelope().input();
      if (!about.inputTopic().equals(Topic.VALUE_REQUESTS.topicName())
          || about.inputPartition() != requests.partition()) {
        throw new UnreadableRecordException("a fact about this partition expected");
      }
      table.take(fact);
      // The newest says it, not the greatest: a log that was made anew begins at 0.
      decidedTo = about.inputOffset();
    } catch (UnreadableRecordException | IllegalArgumentException e) {
      LOG.atWarn()
          .setCause(e)
          .addKeyValue("partition", facts)
          .addKeyValue("offset", record.offset())
          .log("no owner of values wrote this record, which is passed");
    }
  }

  /// Offset of the newest request that was decided; -1 before the first.
  long decidedTo() {
    return decidedTo;
  }

  long records() {
    return records;
  }
}
