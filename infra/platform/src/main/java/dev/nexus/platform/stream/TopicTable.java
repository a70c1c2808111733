package dev.nexus.platform.stream;

import dev.nexus.event.task.Lane;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import dev.nexus.topic.Topic.Keep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Creates the topics of the table and tells where a cluster differs from it.
public final class TopicTable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicTable.class);
  private static final Duration LEADERS_WITHIN = Duration.ofSeconds(30);
  private static final Duration LEADERS_ASKED_EVERY = Duration.ofMillis(20);

  /// A broker that was starved for seconds is fenced until it is heard of again.
  private static final Duration BROKERS_WITHIN = Duration.ofSeconds(15);

  private final KafkaClients clients;
  private final Profile profile;
  private final boolean syncEverything;

  /// @param syncEverything whether every append is synced, also to topics that may lose the newest
  ///     when the power goes
  public TopicTable(KafkaClients clients, Profile profile, boolean syncEverything) {
    this.clients = clients;
    this.profile = profile;
    this.syncEverything = syncEverything;
  }

  /// Of a cluster, as the settings say.
  public static TopicTable onCluster(KafkaClients clients, Settings settings) {
    return new TopicTable(
        clients,
        Profile.CLUSTER.with(settings.number(Setting.REPLICATION)),
        settings.flag(Setting.FSYNC));
  }

  /// Creates what is missing; what exists is left as it is. Other instances may do the same at the
  /// same time. Throws `IllegalStateException` when topics that are read together have different
  /// numbers of partitions, because then a fact and its request would have different owners.
  public void create() {
    long deadline = System.nanoTime() + BROKERS_WITHIN.toNanos();
    try (Admin admin = clients.admin()) {
      while (!hasCreated(admin, deadline)) {
        TimeUnit.MILLISECONDS.sleep(500);
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          e.getCause() instanceof InvalidReplicationFactorException
              ? "topics get "
                  + profile.replicationFactor()
                  + " copies, and fewer brokers are there: start those that are missing, or set "
                  + Setting.REPLICATION.variable()
              : "topics could not be created: " + e.getCause(),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while topics were created", e);
    }
  }

  /// False where too few brokers are there, and there is time for others to come.
  private boolean hasCreated(Admin admin, long deadline)
      throws ExecutionException, InterruptedException {
    try {
      createMissing(admin, admin.listTopics().names().get());
      return true;
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof InvalidReplicationFactorException)
          || System.nanoTime() > deadline) {
        throw e;
      }
      return false;
    }
  }

  /// Has the topics synced as this table says, however they were begun. Throws
  /// `IllegalStateException` when the brokers refuse that.
  public void sync() {
    change(
        Arrays.stream(Topic.values()).filter(t -> t.sync() == Topic.Sync.EACH).toList(),
        config ->
            "1".equals(value(config, TopicConfigs.FLUSH))
                ? Optional.empty()
                : Optional.of(set(TopicConfigs.FLUSH, "1")),
        "topics cannot be synced: ");
    change(
        Arrays.stream(Topic.values()).filter(t -> t.sync() == Topic.Sync.LATER).toList(),
        config -> {
          boolean each = "1".equals(value(config, TopicConfigs.FLUSH));
          if (each == syncEverything) {
            return Optional.empty();
          }
          return Optional.of(
              syncEverything
                  ? set(TopicConfigs.FLUSH, "1")
                  : new AlterConfigOp(new ConfigEntry(TopicConfigs.FLUSH, null), OpType.DELETE));
        },
        "topics cannot be synced otherwise: ");
  }

  /// Has records bear the time at which the broker took them, however the topics were begun; those
  /// that are there keep theirs. Throws `IllegalStateException` when the brokers refuse that.
  public void stamp() {
    change(
        List.of(Topic.values()),
        config ->
            TopicConfigs.WHEN_TAKEN.equals(value(config, TopicConfigs.STAMP))
                ? Optional.empty()
                : Optional.of(set(TopicConfigs.STAMP, TopicConfigs.WHEN_TAKEN)),
        "topics cannot be stamped otherwise: ");
  }

  /// @param change what to do about a topic with these settings
  private void change(
      List<Topic> topics, Function<Config, Optional<AlterConfigOp>> change, String failed) {
    try (Admin admin = clients.admin()) {
      Map<ConfigResource, Config> found =
          admin.describeConfigs(topics.stream().map(this::resource).toList()).all().get();
      Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
      found.forEach(
          (topic, config) -> change.apply(config).ifPresent(op -> changes.put(topic, List.of(op))));
      if (!changes.isEmpty()) {
        admin.incrementalAlterConfigs(changes).all().get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(failed + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while topics were changed", e);
    }
  }

  private static String value(Config config, String name) {
    ConfigEntry entry = config.get(name);
    return entry == null || entry.value() == null ? "" : entry.value();
  }

  /// Creates what is not in `existing`, which may be out of date already.
  void createMissing(Admin admin, Set<String> existing)
      throws ExecutionException, InterruptedException {
    List<NewTopic> missing = new ArrayList<>();
    for (Topic topic : Topic.values()) {
      if (!existing.contains(clients.name(topic))) {
        missing.add(
            new NewTopic(
                    clients.name(topic),
                    profile.partitions(topic),
                    (short) profile.replicationFactor())
                .configs(TopicConfigs.of(topic, profile, syncEverything)));
      }
    }
    for (var created : admin.createTopics(missing).values().values()) {
      try {
        created.get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
        LOG.atDebug().setCause(e).log("another instance created the topic meanwhile");
      }
    }
    Map<String, TopicDescription> found = awaitLeaders(admin);
    List<String> unequal = unequalPartitions(found);
    if (!unequal.isEmpty()) {
      throw new IllegalStateException(String.join("; ", unequal));
    }
    setUpShareGroups(admin);
  }

  /// Waits until every partition takes records, also those another instance is just creating, and
  /// describes the topics. A producer that meets a partition that does not yet take records may
  /// have its second batch taken before its first, which then can never be written.
  private Map<String, TopicDescription> awaitLeaders(Admin admin)
      throws ExecutionException, InterruptedException {
    List<String> names = Arrays.stream(Topic.values()).map(clients::name).toList();
    long deadline = System.nanoTime() + LEADERS_WITHIN.toNanos();
    while (true) {
      try {
        Map<String, TopicDescription> found = admin.describeTopics(names).allTopicNames().get();
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        found.forEach(
            (name, description) ->
                description
                    .partitions()
                    .forEach(
                        p ->
                            ends.put(
                                new TopicPartition(name, p.partition()), OffsetSpec.latest())));
        admin.listOffsets(ends).all().get();
        return found;
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof RetriableException) || System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(LEADERS_ASKED_EVERY.toNanos());
      }
    }
  }

  private void setUpShareGroups(Admin admin) throws ExecutionException, InterruptedException {
    List<AlterConfigOp> settings =
        ShareGroups.SETTINGS.entrySet().stream()
            .map(setting -> set(setting.getKey(), setting.getValue()))
            .toList();
    Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
    for (var lane : Lane.values()) {
      changes.put(
          new ConfigResource(ConfigResource.Type.GROUP, clients.group(ShareGroups.ofLane(lane))),
          settings);
    }
    admin.incrementalAlterConfigs(changes).all().get();
  }

  private static AlterConfigOp set(String name, String value) {
    return new AlterConfigOp(new ConfigEntry(name, value), OpType.SET);
  }

  /// Bytes of the largest record that a topic is made to take. What a partition's owner reads must
  /// leave room for what it makes of it.
  public static int largestRecord(Topic topic) {
    return topic == Topic.REQUESTS || topic == Topic.OUTCOMES
        ? KafkaClients.LARGEST_RECORD
        : KafkaClients.LARGEST_CONSEQUENCE;
  }

  /// Differences that would break Nexus, as sentences that name the mend; empty when there are
  /// none. A topic that loses records earlier than the table says, or that is not compacted where
  /// it must be, is one; a topic that keeps more is none.
  ///
  /// @param admin one that does not wait long, closed by the caller
  public List<String> drift(Admin admin) throws ExecutionException, InterruptedException {
    Set<String> existing = admin.listTopics().names().get();
    List<Topic> there =
        Arrays.stream(Topic.values()).filter(t -> existing.contains(clients.name(t))).toList();
    Map<String, TopicDescription> found =
        stillThere(
            admin.describeTopics(there.stream().map(clients::name).toList()).topicNameValues());
    List<String> drift = new ArrayList<>();
    for (Topic topic : Topic.values()) {
      if (!found.containsKey(clients.name(topic))) {
        drift.add("topic " + clients.name(topic) + " is missing: start Nexus to create it");
      }
    }
    drift.addAll(unequalPartitions(found));
    Map<ConfigResource, Config> configs =
        stillThere(admin.describeConfigs(there.stream().map(this::resource).toList()).values());
    for (Topic topic : there) {
      Config config = configs.get(resource(topic));
      if (config != null) {
        drift.addAll(wrongConfigs(topic, config));
      }
    }
    return List.copyOf(drift);
  }

  /// What is told of those that are there: a topic may be deleted between two questions.
  private static <K, V> Map<K, V> stillThere(Map<K, KafkaFuture<V>> asked)
      throws ExecutionException, InterruptedException {
    Map<K, V> told = new HashMap<>();
    for (var each : asked.entrySet()) {
      try {
        told.put(each.getKey(), each.getValue().get());
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw e;
        }
      }
    }
    return told;
  }

  private ConfigResource resource(Topic topic) {
    return new ConfigResource(ConfigResource.Type.TOPIC, clients.name(topic));
  }

  /// Topics of the executions' spread that differ in partitions from `nexus.executions`.
  private List<String> unequalPartitions(Map<String, TopicDescription> found) {
    var facts = found.get(clients.name(Topic.EXECUTIONS));
    if (facts == null) {
      return List.of();
    }
    int wanted = facts.partitions().size();
    List<String> unequal = new ArrayList<>();
    for (Topic topic : Topic.values()) {
      var description = found.get(clients.name(topic));
      if (topic.spread() == Topic.Spread.EXECUTIONS
          && description != null
          && description.partitions().size() != wanted) {
        unequal.add(
            "topic %s has %d partitions and %s has %d: they must be equal, create it anew with %d"
                .formatted(
                    clients.name(topic),
                    description.partitions().size(),
                    clients.name(Topic.EXECUTIONS),
                    wanted,
                    wanted));
      }
    }
    return unequal;
  }

  private List<String> wrongConfigs(Topic topic, Config found) {
    List<String> wrong = new ArrayList<>();
    TopicConfigs.of(topic, profile, syncEverything)
        .forEach(
            (name, wanted) -> {
              ConfigEntry entry = found.get(name);
              String value = entry == null ? "" : entry.value();
              if (value == null || !TopicConfigs.suffices(name, wanted, value)) {
                wrong.add(
                    "topic %s has %s=%s, expected %s: set it with kafka-configs --alter"
                        .formatted(clients.name(topic), name, value, wanted));
              }
            });
    if (!(topic.keep() instanceof Keep.Latest)
        && found.get("cleanup.policy") instanceof ConfigEntry policy
        && policy.value() instanceof String value
        && value.contains("compact")) {
      wrong.add(
          "topic %s has cleanup.policy=%s, expected delete: compacting it would lose records"
              .formatted(clients.name(topic), value));
    }
    return wrong;
  }
}
