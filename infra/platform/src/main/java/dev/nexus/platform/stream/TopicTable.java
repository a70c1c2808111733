package dev.nexus.platform.stream;

import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import dev.nexus.topic.Topic.Keep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;

/// Creates the topics of the table and tells where a cluster differs from it.
public final class TopicTable {
  private static final Duration LEADERS_WITHIN = Duration.ofSeconds(30);
  private static final Duration LEADERS_ASKED_EVERY = Duration.ofMillis(20);

  private final KafkaClients clients;
  private final Profile profile;
  private final boolean syncEverything;

  public TopicTable(KafkaClients clients, Profile profile, boolean syncEverything) {
    this.clients = clients;
    this.profile = profile;
    this.syncEverything = syncEverything;
  }

  /// Creates what is missing; what exists is left as it is.
  public void create() {
    try (Admin admin = clients.admin()) {
      Set<String> existing = admin.listTopics().names().get();
      List<NewTopic> missing = new ArrayList<>();
      for (Topic topic : Topic.values()) {
        if (!existing.contains(clients.name(topic))) {
          missing.add(
              new NewTopic(
                      clients.name(topic),
                      profile.partitions(topic),
                      (short) profile.replicationFactor())
                  .configs(configs(topic)));
        }
      }
      for (var created : admin.createTopics(missing).values().values()) {
        created.get();
      }
      awaitLeaders(admin, missing);
      readShareGroupsFromTheirStart(admin);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new IllegalStateException("topics could not be created: " + e.getCause(), e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while creating topics", e);
    }
  }

  /// Waits until every new partition takes records. A producer that meets one that does not yet may
  /// have its second batch taken before its first, which then can never be written.
  private static void awaitLeaders(Admin admin, List<NewTopic> topics)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    for (NewTopic topic : topics) {
      for (int partition = 0; partition < topic.numPartitions(); partition++) {
        asked.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
      }
    }
    long deadline = System.nanoTime() + LEADERS_WITHIN.toNanos();
    while (true) {
      try {
        admin.listOffsets(asked).all().get();
        return;
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof RetriableException) || System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(LEADERS_ASKED_EVERY.toNanos());
      }
    }
  }

  /// A share group begins at the newest record unless told otherwise: a task written before the
  /// first executor came would be lost to it.
  private void readShareGroupsFromTheirStart(Admin admin)
      throws ExecutionException, InterruptedException {
    Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
    for (var lane : dev.nexus.event.task.Lane.values()) {
      changes.put(
          new ConfigResource(ConfigResource.Type.GROUP, clients.group(ShareGroups.ofLane(lane))),
          List.of(
              set("share.auto.offset.reset", "earliest"),
              set("share.isolation.level", "read_committed")));
    }
    admin.incrementalAlterConfigs(changes).all().get();
  }

  private static AlterConfigOp set(String name, String value) {
    return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
  }

  private Map<String, String> configs(Topic topic) {
    Map<String, String> configs = new HashMap<>();
    configs.put("min.insync.replicas", Integer.toString(profile.minInSyncReplicas()));
    configs.put("max.message.bytes", Integer.toString(largestRecord(topic)));
    switch (topic.keep()) {
      case Keep.For(var time) -> configs.put("retention.ms", Long.toString(time.toMillis()));
      case Keep.Latest() -> configs.put("cleanup.policy", "compact");
      case Keep.Forever(), Keep.ByOwner() -> configs.put("retention.ms", "-1");
    }
    if (syncEverything || topic.sync() == Topic.Sync.EACH) {
      configs.put("flush.messages", "1");
    }
    return configs;
  }

  /// What a partition's owner reads must leave room for what it makes of it.
  private static int largestRecord(Topic topic) {
    return topic == Topic.REQUESTS || topic == Topic.OUTCOMES
        ? KafkaClients.LARGEST_RECORD
        : KafkaClients.LARGEST_CONSEQUENCE;
  }

  /// Differences that would break Nexus, as sentences that name the mend; empty when there are
  /// none.
  public List<String> drift() {
    try (Admin admin = clients.admin()) {
      Set<String> existing = admin.listTopics().names().get();
      List<String> drift = new ArrayList<>();
      Map<String, org.apache.kafka.clients.admin.TopicDescription> found =
          admin
              .describeTopics(
                  existing.stream()
                      .filter(
                          n ->
                              java.util.Arrays.stream(Topic.values())
                                  .anyMatch(t -> clients.name(t).equals(n)))
                      .toList())
              .allTopicNames()
              .get();
      int executions = -1;
      for (Topic topic : Topic.values()) {
        var description = found.get(clients.name(topic));
        if (description == null) {
          drift.add("topic " + clients.name(topic) + " is missing: start Nexus to create it");
        } else if (topic.spread() == Topic.Spread.EXECUTIONS) {
          int partitions = description.partitions().size();
          executions = executions < 0 ? partitions : executions;
          if (partitions != executions) {
            drift.add(
                "topic "
                    + clients.name(topic)
                    + " has "
                    + partitions
                    + " partitions, others of its kind "
                    + executions
                    + ": they must be equal");
          }
        }
      }
      return drift;
    } catch (ExecutionException e) {
      throw new IllegalStateException("topics could not be read: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading topics", e);
    }
  }
}
