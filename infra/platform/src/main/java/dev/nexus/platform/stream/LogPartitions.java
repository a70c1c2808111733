package dev.nexus.platform.stream;

import dev.nexus.topic.Topic;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;

/// The partitions that topics of the installation have on the brokers.
public final class LogPartitions {
  private LogPartitions() {}

  /// All partitions of a topic; an `ExecutionException` when it is not there.
  public static List<TopicPartition> of(KafkaClients clients, Admin admin, Topic topic)
      throws ExecutionException, InterruptedException {
    return of(clients, admin, List.of(topic));
  }

  /// All partitions of some topics; an `ExecutionException` when one is not there.
  public static List<TopicPartition> of(KafkaClients clients, Admin admin, Collection<Topic> topics)
      throws ExecutionException, InterruptedException {
    List<String> names = topics.stream().map(clients::name).toList();
    return admin.describeTopics(names).allTopicNames().get().values().stream()
        .flatMap(
            found ->
                found.partitions().stream()
                    .map(partition -> new TopicPartition(found.name(), partition.partition())))
        .toList();
  }
}
