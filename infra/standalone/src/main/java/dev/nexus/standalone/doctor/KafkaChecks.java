package dev.nexus.standalone.doctor;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;

/// Checks of the brokers: what Nexus needs of them, and what waits on them.
final class KafkaChecks {
  /// Level of the cluster's metadata in Kafka 4.2, the first with share groups for production.
  private static final short METADATA_OF_4_2 = 29;

  private KafkaChecks() {}

  /// @param running whether a platform runs here
  /// @param own which servers are the platform's own
  /// @param as who is to be allowed what
  /// @param redis where projections are, if anywhere
  static List<Finding> run(
      Settings settings, boolean running, Embedded own, AsUser as, Optional<String> redis)
      throws InterruptedException {
    var clients = new KafkaClients(settings);
    try (Admin admin = clients.impatientAdmin()) {
      List<Node> nodes = List.copyOf(admin.describeCluster().nodes().get());
      return all(new Asked(clients, admin, settings, own, as), running, redis, nodes);
    } catch (ExecutionException | KafkaException e) {
      return List.of(
          Finding.broken(
              "kafka",
              "does not answer: " + (e.getCause() == null ? e : e.getCause()),
              own.mendBroker(
                  "start its own broker again; nexus.log in its directory says what was wrong",
                  "start the brokers or correct " + Setting.KAFKA_BOOTSTRAP_SERVERS.variable())),
          DiskChecks.ofDataDirectory(settings));
    }
  }

  /// Who is asked, and what with.
  private record Asked(
      KafkaClients clients, Admin admin, Settings settings, Embedded own, AsUser as) {}

  private static List<Finding> all(
      Asked asked, boolean running, Optional<String> redis, List<Node> nodes)
      throws InterruptedException {
    KafkaClients clients = asked.clients();
    Admin admin = asked.admin();
    Settings settings = asked.settings();
    Embedded own = asked.own();
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Finding.good(
            "kafka",
            Finding.count(nodes.size(), "broker") + (nodes.size() == 1 ? " answers" : " answer")));
    findings.addAll(Findings.of("kafka version", own, () -> features(admin, own)));
    if (!own.broker()) {
      var grants = new GrantChecks(clients, admin, settings, asked.as());
      findings.addAll(Findings.of("grants", own, grants::run));
    }
    findings.addAll(
        Findings.of("sessions", own, () -> SessionChecks.run(clients, admin, nodes, own)));
    findings.addAll(
        Findings.of("disk", own, () -> DiskChecks.ofAll(clients, admin, settings, running)));
    findings.addAll(
        Findings.of(
            "topics", own, () -> List.of(topics(expected(clients, settings, nodes), admin, own))));
    if (hasTopics(clients, admin)) {
      findings.addAll(
          Findings.of(
              "snapshots", own, () -> new SnapshotChecks(clients, admin, settings, own).run()));
      findings.addAll(
          new LagChecks(clients, admin, settings.number(Setting.BACKLOG_LIMIT), own).all());
      if (redis.isPresent()) {
        findings.addAll(
            Findings.of(
                "projections lag",
                own,
                () -> new ProjectionChecks(clients, admin, settings, own).run(redis.get())));
      }
    }
    return findings;
  }

  /// Without all of them nothing of the rest can be told, and the finding about them says so.
  private static boolean hasTopics(KafkaClients clients, Admin admin) throws InterruptedException {
    try {
      Set<String> there = admin.listTopics().names().get();
      return Arrays.stream(Topic.values()).map(clients::name).allMatch(there::contains);
    } catch (ExecutionException e) {
      return false;
    }
  }

  private static List<Finding> features(Admin admin, Embedded own)
      throws ExecutionException, InterruptedException {
    return features(admin.describeFeatures().featureMetadata().get().finalizedFeatures(), own);
  }

  static List<Finding> features(Map<String, FinalizedVersionRange> features, Embedded own) {
    return List.of(version(features, own), transactions(features, own), shareGroups(features, own));
  }

  /// What the embedded broker can do was settled when its directory was made.
  private static String mend(Embedded own, String foreign) {
    return own.mendPart(
        "an older version made this data directory: begin anew on another (--data DIR)", foreign);
  }

  private static Finding version(Map<String, FinalizedVersionRange> features, Embedded own) {
    short level = level(features, "metadata.version");
    return level >= METADATA_OF_4_2
        ? Finding.good("kafka version", "metadata.version " + level)
        : Finding.broken(
            "kafka version",
            "metadata.version is " + level + ", expected " + METADATA_OF_4_2 + " or more",
            mend(
                own,
                "Kafka 4.2 or newer on every broker, then kafka-features.sh --bootstrap-server"
                    + " HOST:PORT upgrade --release-version 4.2"));
  }

  /// Version 2 fences what a producer left behind: a late write of an ended transaction is refused.
  private static Finding transactions(Map<String, FinalizedVersionRange> features, Embedded own) {
    short level = level(features, "transaction.version");
    return level >= 2
        ? Finding.good("transactions", "transaction.version " + level)
        : Finding.doubtful(
            "transactions",
            "transaction.version is " + level + ", expected 2: a write may hang until its timeout",
            mend(
                own,
                "kafka-features.sh --bootstrap-server HOST:PORT upgrade --feature"
                    + " transaction.version=2"));
  }

  private static Finding shareGroups(Map<String, FinalizedVersionRange> features, Embedded own) {
    short level = level(features, "share.version");
    return level >= 1
        ? Finding.good("share groups", "on")
        : Finding.broken(
            "share groups",
            "are off: share.version is " + level + ", expected 1, and no task is done",
            mend(
                own,
                "Kafka 4.2 or newer: kafka-features.sh --bootstrap-server HOST:PORT upgrade"
                    + " --feature share.version=1"));
  }

  private static short level(Map<String, FinalizedVersionRange> features, String name) {
    FinalizedVersionRange range = features.get(name);
    return range == null ? 0 : range.maxVersionLevel();
  }

  /// The topics that such brokers should have.
  private static TopicTable expected(KafkaClients clients, Settings settings, List<Node> nodes) {
    return nodes.size() < settings.number(Setting.REPLICATION)
        ? new TopicTable(clients, Profile.EMBEDDED, settings.flag(Setting.FSYNC))
        : TopicTable.onCluster(clients, settings);
  }

  private static Finding topics(TopicTable expected, Admin admin, Embedded own)
      throws ExecutionException, InterruptedException {
    List<String> drift = expected.drift(admin);
    return drift.isEmpty()
        ? Finding.good("topics", Topic.values().length + " as they should be")
        : Finding.broken(
            "topics",
            String.join("; ", drift),
            own.mendBroker(
                "create what is missing; what is otherwise needs another data directory (--data"
                    + " DIR)",
                "make them so, or begin anew under another "
                    + Setting.KAFKA_TOPIC_PREFIX.variable()));
  }
}
