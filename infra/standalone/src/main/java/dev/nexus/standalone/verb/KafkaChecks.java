package dev.nexus.standalone.verb;

import dev.nexus.event.task.Lane;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.ShareGroups;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;

/// Checks of the brokers: what Nexus needs of them, and what waits on them.
final class KafkaChecks {
  private static final Duration LONG_SESSION = Duration.ofSeconds(10);
  private static final int REACH_MILLIS = 5_000;

  /// Level of the cluster's metadata in Kafka 4.2, the first with share groups for production.
  private static final short METADATA_OF_4_2 = 29;

  private final KafkaClients clients;
  private final Admin admin;
  private final Settings settings;

  private KafkaChecks(KafkaClients clients, Admin admin, Settings settings) {
    this.clients = clients;
    this.admin = admin;
    this.settings = settings;
  }

  static List<Finding> run(Settings settings) {
    KafkaClients clients = new KafkaClients(settings);
    try (Admin admin = clients.admin()) {
      List<Finding> findings = new KafkaChecks(clients, admin, settings).all();
      findings.addAll(new LagChecks(clients, admin, settings.number(Setting.BACKLOG_LIMIT)).all());
      return findings;
    } catch (ExecutionException e) {
      return List.of(
          Finding.broken(
              "kafka",
              "does not answer: " + String.valueOf(e.getCause()),
              "start the brokers or correct NEXUS_KAFKA_BOOTSTRAP_SERVERS"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("interrupted", e);
    }
  }

  private List<Finding> all() throws ExecutionException, InterruptedException {
    var options =
        new org.apache.kafka.clients.admin.DescribeClusterOptions().timeoutMs(REACH_MILLIS);
    List<Node> nodes = List.copyOf(admin.describeCluster(options).nodes().get());
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Finding.good(
            "kafka",
            Finding.count(nodes.size(), "broker") + (nodes.size() == 1 ? " answers" : " answer")));
    Map<String, FinalizedVersionRange> features =
        admin.describeFeatures().featureMetadata().get().finalizedFeatures();
    findings.add(version(features));
    findings.add(transactions(features));
    findings.add(shareGroups(features));
    findings.add(sessions(nodes.getFirst()));
    Finding topics = topics(nodes.size());
    findings.add(topics);
    if (topics.verdict() != Finding.Verdict.BROKEN) {
      findings.add(new SnapshotChecks(clients, admin, settings).run());
    }
    findings.addAll(lanes());
    return findings;
  }

  private static Finding version(Map<String, FinalizedVersionRange> features) {
    short level = level(features, "metadata.version");
    return level >= METADATA_OF_4_2
        ? Finding.good("kafka version", "metadata.version " + level)
        : Finding.broken(
            "kafka version",
            "metadata.version is " + level + ", expected " + METADATA_OF_4_2 + " or more",
            "Kafka 4.2 or newer on every broker, then kafka-features.sh upgrade --release-version 4.2");
  }

  /// Version 2 fences what a producer left behind: a late write of an ended transaction is refused.
  private static Finding transactions(Map<String, FinalizedVersionRange> features) {
    short level = level(features, "transaction.version");
    return level >= 2
        ? Finding.good("transactions", "transaction.version " + level)
        : Finding.doubtful(
            "transactions",
            "transaction.version is " + level + ": a write may hang until its timeout",
            "kafka-features.sh upgrade --feature transaction.version=2");
  }

  private static Finding shareGroups(Map<String, FinalizedVersionRange> features) {
    return level(features, "share.version") >= 1
        ? Finding.good("share groups", "on")
        : Finding.broken(
            "share groups",
            "are off",
            "Kafka 4.2 or newer: kafka-features.sh upgrade --feature share.version=1");
  }

  private static short level(Map<String, FinalizedVersionRange> features, String name) {
    FinalizedVersionRange range = features.get(name);
    return range == null ? 0 : range.maxVersionLevel();
  }

  /// After kill -9 of an executor its records wait for the end of its session.
  private Finding sessions(Node broker) throws ExecutionException, InterruptedException {
    var resource = new ConfigResource(ConfigResource.Type.BROKER, broker.idString());
    Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
    String name = "group.share.session.timeout.ms";
    ConfigEntry entry = config == null ? null : config.get(name);
    if (entry == null || entry.value() == null) {
      return Finding.doubtful("sessions", name + " is not told", "set it to 2000 on the brokers");
    }
    Duration session = Duration.ofMillis(Long.parseLong(entry.value()));
    return session.compareTo(LONG_SESSION) <= 0
        ? Finding.good("sessions", name + " is " + Settings.inWords(session))
        : Finding.doubtful(
            "sessions",
            name
                + " is "
                + Settings.inWords(session)
                + ": work of a killed executor waits that long",
            "set it to 2000, and group.share.min.session.timeout.ms to 1000");
  }

  private Finding topics(int brokers) {
    Profile profile =
        brokers < Profile.CLUSTER.replicationFactor() ? Profile.EMBEDDED : Profile.CLUSTER;
    List<String> drift = new TopicTable(clients, profile, false).drift();
    return drift.isEmpty()
        ? Finding.good("topics", Topic.values().length + " as they should be")
        : Finding.broken(
            "topics",
            String.join("; ", drift),
            "make them so, or begin anew under another NEXUS_KAFKA_TOPIC_PREFIX");
  }

  /// Lanes that somebody serves, and those where work waits for nobody.
  private List<Finding> lanes() throws ExecutionException, InterruptedException {
    List<Finding> findings = new ArrayList<>();
    for (Lane lane : Lane.values()) {
      String group = clients.group(ShareGroups.ofLane(lane));
      int executors = executors(group);
      long waiting = waiting(group);
      if (executors > 0) {
        findings.add(settingsOf(group));
        findings.add(
            Finding.good(
                group + " lag",
                Finding.count(waiting, "task")
                    + (waiting == 1 ? " waits for " : " wait for ")
                    + Finding.count(executors, "executor")));
      } else if (waiting > 0) {
        findings.add(
            Finding.doubtful(
                group + " lag",
                Finding.count(waiting, "task") + " to do and no executor serves the lane",
                "start one that does; after its queue limit a task is asked for again"));
      }
    }
    return findings;
  }

  private int executors(String group) throws InterruptedException {
    try {
      var described = admin.describeShareGroups(List.of(group)).all().get().get(group);
      return described == null ? 0 : described.members().size();
    } catch (ExecutionException e) {
      return 0; // a group that nobody ever joined is not there
    }
  }

  private long waiting(String group) throws InterruptedException {
    try {
      var spec = Map.of(group, new ListShareGroupOffsetsSpec());
      return admin.listShareGroupOffsets(spec).partitionsToOffsetInfo(group).get().values().stream()
          .mapToLong(info -> info == null ? 0 : info.lag().orElse(0L))
          .sum();
    } catch (ExecutionException e) {
      return 0;
    }
  }

  private Finding settingsOf(String group) throws ExecutionException, InterruptedException {
    var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
    Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
    List<String> wrong = new ArrayList<>();
    Map.of("share.auto.offset.reset", "earliest", "share.isolation.level", "read_committed")
        .forEach(
            (name, expected) -> {
              ConfigEntry entry = config == null ? null : config.get(name);
              String found = entry == null ? "unset" : String.valueOf(entry.value());
              if (!found.equals(expected)) {
                wrong.add(name + " is " + found + ", expected " + expected);
              }
            });
    return wrong.isEmpty()
        ? Finding.good(group, "reads committed tasks from the first on")
        : Finding.broken(group, String.join("; ", wrong), "start Nexus: it sets them");
  }
}
