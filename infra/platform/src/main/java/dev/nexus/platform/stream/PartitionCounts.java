package dev.nexus.platform.stream;

import dev.nexus.platform.service.CannotGoOnException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How many partitions the topics have that are owned together. Keys are spread by that number:
/// with another one, or with another for each topic, what is about one thing comes to several
/// owners. So it must be the same for all, and stay what it was when this process began.
final class PartitionCounts {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionCounts.class);

  /// Longest wait for a topic's count while nothing is known, as at a start beside the brokers'.
  private static final Duration FIRST_WITHIN = Duration.ofSeconds(30);

  /// The same for one that is known, mostly without a question: readers wait for nobody then.
  private static final Duration AGAIN_WITHIN = Duration.ofMillis(300);

  private final List<String> topics;
  private final FailureLog failures;

  /// When this process began; empty before that was seen.
  private Map<String, Integer> begun = Map.of();

  PartitionCounts(List<String> topics) {
    this(topics, LOG);
  }

  PartitionCounts(List<String> topics, Logger log) {
    this.topics = List.copyOf(topics);
    this.failures = new FailureLog(log);
  }

  /// Throws `CannotGoOnException` when they are not as they must be, as far as this consumer knows:
  /// it asks the brokers when it is new, and hears of changes as it goes on reading. Brokers that
  /// do not answer have changed nothing; nor have those that refuse to, which is told.
  void require(Consumer<?, ?> consumer) {
    Map<String, Integer> found = new TreeMap<>();
    try {
      Duration within = begun.isEmpty() ? FIRST_WITHIN : AGAIN_WITHIN;
      topics.forEach(topic -> found.put(topic, consumer.partitionsFor(topic, within).size()));
    } catch (WakeupException | InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      if (begun.isEmpty()) {
        throw e;
      }
      if (e instanceof RetriableException) {
        LOG.atDebug().setCause(e).log("the brokers do not tell of their topics");
      } else {
        failures.warn(e, "the brokers refuse to tell how many partitions their topics have");
      }
      return;
    }
    if (found.equals(begun)) {
      return;
    }
    if (begun.isEmpty()) {
      requireEqual(found);
      begun = found;
    } else {
      found.forEach(this::requireUnchanged);
    }
  }

  /// What is assigned, by number, one of each topic. Throws as `require`, before any is begun, and
  /// `IllegalStateException` when who assigned them knows more than this consumer.
  Map<Integer, List<TopicPartition>> byNumber(
      Collection<TopicPartition> assigned, Consumer<?, ?> consumer) {
    require(consumer);
    Map<Integer, List<TopicPartition>> byNumber = new TreeMap<>();
    assigned.forEach(p -> byNumber.computeIfAbsent(p.partition(), n -> new ArrayList<>()).add(p));
    byNumber.forEach(
        (number, inputs) -> {
          if (inputs.size() != topics.size()) {
            throw new IllegalStateException(
                topics
                    + " need the same partitions; of number "
                    + number
                    + " only "
                    + inputs
                    + " were assigned");
          }
        });
    return byNumber;
  }

  private static void requireEqual(Map<String, Integer> found) {
    if (found.containsValue(0)) {
      throw new IllegalStateException("the brokers do not know all of these topics: " + found);
    }
    if (found.values().stream().distinct().count() > 1) {
      throw new CannotGoOnException(
          "topics that must have equally many partitions have " + found,
          "create anew those that have more than they had");
    }
  }

  /// A broker that has just started may not know a topic for a moment: that is no change.
  private void requireUnchanged(String topic, int count) {
    int before = begun.getOrDefault(topic, count);
    if (count != before && count > 0) {
      throw new CannotGoOnException(
          "topic "
              + topic
              + " has "
              + count
              + " partitions, and had "
              + before
              + " when this process began: what is about one thing would come to several owners",
          "create it anew with " + before);
    }
  }
}
