package dev.nexus.command.valueowner;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which partitions answers can go to. The topic may get more while owners run.
final class ReplyPartitions {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyPartitions.class);
  private static final Duration BETWEEN_QUESTIONS = Duration.ofSeconds(10);
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(2);

  private final KafkaClients clients;
  private int count;
  private long asked;

  ReplyPartitions(KafkaClients clients) {
    this.clients = clients;
    ask();
  }

  /// Asks anew about one that is not known, though not for each such request.
  boolean have(int partition) {
    if (partition >= count && System.nanoTime() - asked > BETWEEN_QUESTIONS.toNanos()) {
      try {
        ask();
      } catch (IllegalStateException e) {
        LOG.atWarn().setCause(e).log("answers go to the partitions that were known");
      }
    }
    return partition >= 0 && partition < count;
  }

  private void ask() {
    asked = System.nanoTime();
    String topic = clients.name(Topic.VALUE_REPLIES);
    try (Admin admin = clients.admin()) {
      count =
          admin
              .describeTopics(List.of(topic))
              .allTopicNames()
              .get(ANSWERED_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
              .values()
              .stream()
              .mapToInt(described -> described.partitions().size())
              .sum();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking for partitions of " + topic, e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("how many partitions " + topic + " has is not known", e);
    }
  }
}
