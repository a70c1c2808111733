package dev.nexus.platform.stream;

import dev.nexus.topic.Topic;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;

/// Which log a position belongs to: the cluster's id and the topic's. A topic that was deleted and
/// created again is another log, and so is the same name on another cluster.
public final class LogIdentity {
  private LogIdentity() {}

  /// Identity of each topic, by topic; throws `IllegalStateException` when one does not exist
  /// or the brokers do not answer.
  public static Map<Topic, String> of(KafkaClients clients, Collection<Topic> topics) {
    try (Admin admin = clients.admin()) {
      return of(clients, admin, topics);
    } catch (ExecutionException e) {
      throw new IllegalStateException("topics could not be described: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while describing topics", e);
    }
  }

  /// As `of`; an `ExecutionException` when a topic does not exist or the brokers do not answer.
  public static Map<Topic, String> of(KafkaClients clients, Admin admin, Collection<Topic> topics)
      throws ExecutionException, InterruptedException {
    String cluster = admin.describeCluster().clusterId().get();
    var found =
        admin.describeTopics(topics.stream().map(clients::name).toList()).allTopicNames().get();
    Map<Topic, String> identities = new HashMap<>();
    for (Topic topic : topics) {
      TopicDescription description = Objects.requireNonNull(found.get(clients.name(topic)));
      identities.put(topic, cluster + "/" + description.topicId());
    }
    return identities;
  }
}
