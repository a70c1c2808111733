package dev.nexus.platform.stream;

import dev.nexus.topic.Topic;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;

/// Which log a position belongs to: the cluster's id and the topic's. A topic that was deleted and
/// created again is another log, and so is the same name on another cluster.
public final class LogIdentity {
  private LogIdentity() {}

  /// Identity of each topic, by topic; throws `IllegalStateException` when one does not exist.
  public static Map<Topic, String> of(KafkaClients clients, Collection<Topic> topics) {
    try (Admin admin = clients.admin()) {
      String cluster = admin.describeCluster().clusterId().get();
      var found =
          admin.describeTopics(topics.stream().map(clients::name).toList()).allTopicNames().get();
      Map<Topic, String> identities = new HashMap<>();
      for (Topic topic : topics) {
        var description = found.get(clients.name(topic));
        if (description == null) {
          throw new IllegalStateException("topic " + clients.name(topic) + " is missing");
        }
        identities.put(topic, cluster + "/" + description.topicId());
      }
      return identities;
    } catch (ExecutionException e) {
      throw new IllegalStateException("topics could not be described: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while describing topics", e);
    }
  }
}
