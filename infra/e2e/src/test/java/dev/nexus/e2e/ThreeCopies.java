package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.ConfigResource.Type;

/// Of three brokers each has everything, and a record counts as written when two have it: one may
/// be away. Looked at with what an operator may see.
final class ThreeCopies implements AutoCloseable {
  private static final int BROKERS = 3;
  private static final String LEAST = "min.insync.replicas";

  /// What the brokers keep for themselves. An operator may not ask for the settings of these, but
  /// for those of the brokers, which they were made with.
  private static final List<String> TOPICS_OF_BROKERS =
      List.of("__consumer_offsets", "__transaction_state", "__share_group_state");

  private static final List<String> LEAST_OF_THOSE =
      List.of(LEAST, "transaction.state.log.min.isr", "share.coordinator.state.topic.min.isr");

  private final Admin admin;
  private final List<String> topics;

  ThreeCopies(KafkaClients clients) {
    admin = clients.admin();
    topics = Arrays.stream(Topic.values()).map(clients::name).toList();
  }

  /// Waits until each broker has all that any of them has, and has read all of it.
  void assertOfEveryTopic() throws ExecutionException, InterruptedException {
    Eventually.holds(
        () -> {
          Map<TopicPartition, Set<Integer>> copies = copies();
          Set<String> there =
              copies.keySet().stream().map(TopicPartition::topic).collect(Collectors.toSet());
          assertThat(there).containsAll(topics).containsAll(TOPICS_OF_BROKERS);
          copies.forEach(
              (partition, on) ->
                  assertThat(on).as("brokers that have " + partition).hasSize(BROKERS));
        });
    awaitInSync();
    for (String topic : topics) {
      assertLeast(new ConfigResource(Type.TOPIC, topic), List.of(LEAST));
    }
    for (int broker : brokers()) {
      assertLeast(new ConfigResource(Type.BROKER, Integer.toString(broker)), LEAST_OF_THOSE);
    }
  }

  private void assertLeast(ConfigResource of, List<String> settings)
      throws ExecutionException, InterruptedException {
    var found = admin.describeConfigs(List.of(of)).all().get().get(of);
    for (String setting : settings) {
      assertThat(found.get(setting).value()).as(of + " " + setting).isEqualTo("2");
    }
  }

  /// Which brokers have each partition.
  private Map<TopicPartition, Set<Integer>> copies()
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, Set<Integer>> copies = new HashMap<>();
    for (var broker : admin.describeLogDirs(brokers()).allDescriptions().get().entrySet()) {
      for (var directory : broker.getValue().values()) {
        for (TopicPartition partition : directory.replicaInfos().keySet()) {
          copies.computeIfAbsent(partition, _ -> new HashSet<>()).add(broker.getKey());
        }
      }
    }
    return copies;
  }

  private List<Integer> brokers() throws ExecutionException, InterruptedException {
    return admin.describeCluster().nodes().get().stream().map(Node::id).toList();
  }

  /// Waits until so many brokers work.
  void awaitBrokers(int count) {
    Eventually.holds(
        Callers.PATIENCE, () -> assertThat(brokers()).as("brokers at work").hasSize(count));
  }

  /// Waits until no broker is behind another.
  void awaitInSync() {
    Eventually.holds(
        Callers.PATIENCE,
        () -> {
          for (var topic : admin.describeTopics(topics).allTopicNames().get().values()) {
            for (var partition : topic.partitions()) {
              assertThat(partition.isr())
                  .as("in sync of %s-%s", topic.name(), partition.partition())
                  .hasSize(BROKERS);
            }
          }
        });
  }

  @Override
  public void close() {
    admin.close();
  }
}
