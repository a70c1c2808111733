package dev.nexus.executor.service;

import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.FailureLog;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.KeyPartition;
import dev.nexus.topic.Topic;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where the executors are that run services: members of their group say their addresses by their
/// names, which the broker knows as it knows what is whose.
final class ServiceHolders implements Holders {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceHolders.class);
  private static final String AT = "@";
  private static final Duration FRESH = Duration.ofSeconds(1);

  private final KafkaClients clients;
  private final FailureLog failures = new FailureLog(LOG);
  private @Nullable Admin admin;
  private Map<Integer, URI> known = Map.of();
  private int partitions;
  private long asked = System.nanoTime() - 2 * FRESH.toNanos();

  ServiceHolders(KafkaClients clients) {
    this.clients = clients;
  }

  /// The name of a member that is at an address, or nowhere that it could be reached.
  static String named(String name, Optional<URI> address) {
    return name + address.map(at -> AT + at).orElse("");
  }

  private static Optional<URI> address(String name) {
    int at = name.indexOf(AT);
    return at < 0 ? Optional.empty() : Optional.of(URI.create(name.substring(at + 1)));
  }

  @Override
  public synchronized Optional<URI> of(ServiceKey service) {
    if (System.nanoTime() - asked > FRESH.toNanos()) {
      try {
        refresh();
      } finally {
        // Behind it: where brokers are silent, those who waited meanwhile do not each ask again.
        asked = System.nanoTime();
      }
    }
    return partitions == 0
        ? Optional.empty()
        : Optional.ofNullable(known.get(KeyPartition.of(service.text(), partitions)));
  }

  private void refresh() {
    try {
      Admin broker = admin;
      if (broker == null) {
        broker = clients.impatientAdmin();
        admin = broker;
      }
      String group = clients.group(ConsumerGroup.SERVICES.groupName());
      String topic = clients.name(Topic.TASK_CONTROL);
      var groups = broker.describeConsumerGroups(List.of(group)).all();
      var topics = broker.describeTopics(List.of(topic)).allTopicNames();
      Map<Integer, URI> found = new HashMap<>();
      for (MemberDescription member : Objects.requireNonNull(groups.get().get(group)).members()) {
        address(member.clientId())
            .ifPresent(
                at ->
                    member.assignment().topicPartitions().stream()
                        .map(TopicPartition::partition)
                        .forEach(partition -> found.put(partition, at)));
      }
      partitions = Objects.requireNonNull(topics.get().get(topic)).partitions().size();
      known = Map.copyOf(found);
    } catch (ExecutionException | RuntimeException e) {
      failures.warn(e, "which executors run which services is not known now");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void close() {
    if (admin != null) {
      admin.close(Duration.ofSeconds(1));
    }
  }
}
