package dev.nexus.standalone.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.standalone.doctor.Finding.Verdict;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import io.lettuce.core.RedisClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Brokers and a Redis that are there and not as they should be: each is named, with what was
/// found, what was expected and what to do.
class DoctorIT {
  private static final int RECORDS = 30;
  private static final Map<String, String> NOBODY = Map.of("NEXUS_KAFKA_TOPIC_PREFIX", "nobody.");

  @TempDir static Path directory;

  private static EmbeddedBroker broker;
  private static EmbeddedRedis redis;
  private static Admin admin;

  @BeforeAll
  static void startWhatIsSetOtherwise() {
    broker =
        EmbeddedBroker.startWith(
            directory.resolve("kafka"),
            Map.of(
                "group.share.session.timeout.ms", "45000",
                "group.share.min.session.timeout.ms", "45000",
                "broker.session.timeout.ms", "9000",
                "group.min.session.timeout.ms", "7000",
                "transaction.max.timeout.ms", "20000",
                "add.partitions.to.txn.retry.backoff.ms", "20",
                "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "allow.everyone.if.no.acl.found", "true"));
    redis = EmbeddedRedis.start(directory.resolve("redis"));
    admin = clients("").admin();
  }

  @AfterAll
  static void end() {
    admin.close();
    redis.close();
    broker.close();
  }

  private static Settings settings(Map<String, String> more) {
    Map<String, String> environment = new HashMap<>();
    environment.put("NEXUS_DATA_DIR", directory.resolve("data").toString());
    environment.put("NEXUS_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + broker.port());
    environment.put("NEXUS_REDIS_URL", redis.url());
    environment.put("NEXUS_HTTP_PORT", "0");
    environment.put("NEXUS_GRPC_PORT", "0");
    environment.putAll(more);
    return Settings.of(environment);
  }

  private static KafkaClients clients(String prefix) {
    return new KafkaClients(settings(Map.of("NEXUS_KAFKA_TOPIC_PREFIX", prefix)));
  }

  private static List<Finding> findings(Map<String, String> more) throws InterruptedException {
    return Findings.of(settings(more), Optional.empty(), "");
  }

  /// What is found under a name that says this.
  private static Finding finding(List<Finding> all, String check, String saying) {
    return all.stream()
        .filter(f -> f.check().equals(check) && f.detail().contains(saying))
        .findFirst()
        .orElseThrow(() -> new AssertionError(check + ": " + saying + " expected in " + all));
  }

  private static void assertFound(
      List<Finding> all, Verdict verdict, String check, String saying, String mend) {
    Finding found = finding(all, check, saying);
    assertThat(found.verdict()).as(found.line()).isEqualTo(verdict);
    assertThat(found.mend()).as(found.line()).contains(mend);
  }

  @Test
  void shouldNameEachTimeThatBrokersHaveOtherwise() throws Exception {
    // When
    List<Finding> all = findings(NOBODY);

    // Then
    assertFound(
        all,
        Verdict.DOUBTFUL,
        "sessions",
        "group.share.session.timeout.ms is 45000 on broker 1, expected 2000 or less: work of a"
            + " killed executor waits that long",
        "set group.share.session.timeout.ms=2000 in the properties of every broker");
    assertFound(
        all,
        Verdict.DOUBTFUL,
        "sessions",
        "broker.session.timeout.ms is 9000 on broker 1, expected 2000 or less",
        "set broker.session.timeout.ms=2000");
    assertFound(
        all,
        Verdict.BROKEN,
        "sessions",
        "group.min.session.timeout.ms is 7000 on broker 1, expected 6000 or less",
        "set group.min.session.timeout.ms=6000");
    assertFound(
        all,
        Verdict.BROKEN,
        "sessions",
        "transaction.max.timeout.ms is 20000 on broker 1, expected 30000 or more",
        "set transaction.max.timeout.ms=30000");
    assertFound(
        all,
        Verdict.DOUBTFUL,
        "sessions",
        "add.partitions.to.txn.retry.backoff.ms is 20 on broker 1, expected 1 or less",
        "add.partitions.to.txn.retry.backoff.ms=1");
    assertThat(all).noneMatch(f -> f.check().equals("sessions") && f.verdict() == Verdict.GOOD);
    // And of an installation whose topics are not there that they are missing
    assertFound(
        all,
        Verdict.BROKEN,
        "topics",
        "topic nobody.nexus.requests is missing: start Nexus to create it",
        "make them so, or begin anew under another NEXUS_KAFKA_TOPIC_PREFIX");
  }

  @Test
  void shouldNameFeaturesThatAreOff() throws Exception {
    // Given
    set("transaction.version", 1, UpgradeType.UNSAFE_DOWNGRADE);
    set("share.version", 0, UpgradeType.UNSAFE_DOWNGRADE);
    try {
      // Then
      Eventually.holds(
          () -> {
            List<Finding> all = findings(NOBODY);
            assertFound(all, Verdict.GOOD, "kafka version", "metadata.version", "");
            assertFound(
                all,
                Verdict.DOUBTFUL,
                "transactions",
                "transaction.version is 1, expected 2",
                "kafka-features.sh --bootstrap-server HOST:PORT upgrade --feature"
                    + " transaction.version=2");
            assertFound(
                all,
                Verdict.BROKEN,
                "share groups",
                "share.version is 0, expected 1",
                "upgrade --feature share.version=1");
          });
    } finally {
      set("transaction.version", 2, UpgradeType.UPGRADE);
      set("share.version", 1, UpgradeType.UPGRADE);
      // The broker hears of it a moment later than the controller.
      Eventually.holds(() -> assertFound(findings(NOBODY), Verdict.GOOD, "share groups", "on", ""));
    }
  }

  private static void set(String feature, int level, UpgradeType how) throws Exception {
    admin
        .updateFeatures(
            Map.of(feature, new FeatureUpdate((short) level, how)), new UpdateFeaturesOptions())
        .all()
        .get();
  }

  @Test
  void shouldNameTopicsThatAreForeign() throws Exception {
    // Given topics of which one loses records early, and one has another number of partitions
    KafkaClients clients = clients("foreign.");
    admin
        .createTopics(List.of(new NewTopic(clients.name(Topic.TASKS_TOOL), 3, (short) 1)))
        .all()
        .get();
    assertThatThrownBy(() -> new TopicTable(clients, Profile.EMBEDDED, false).create())
        .hasMessageContaining("they must be equal");
    alter(ConfigResource.Type.TOPIC, clients.name(Topic.OUTCOMES), "retention.ms", "1000");

    // Then, when the broker has heard of it, which is a moment later than the controller
    String early =
        "topic foreign.nexus.outcomes has retention.ms=1000, expected 604800000: set it with"
            + " kafka-configs --alter";
    String other = "topic foreign.nexus.tasks.tool has 3 partitions and";
    Eventually.holds(
        () -> {
          List<Finding> all = findings(Map.of("NEXUS_KAFKA_TOPIC_PREFIX", "foreign."));
          assertFound(all, Verdict.BROKEN, "topics", early, "make them so");
          assertFound(all, Verdict.BROKEN, "topics", other, "");
        });
  }

  @Test
  void shouldNameWhoIsBehindAndWhatFollowsFromIt() throws Exception {
    // Given records before groups, of which the router stands on the tenth
    KafkaClients clients = clients("lag.");
    new TopicTable(clients, Profile.EMBEDDED, false).create();
    write(clients, Topic.REQUESTS);
    write(clients, Topic.INGRESS);
    write(clients, Topic.EXECUTIONS);
    admin
        .alterConsumerGroupOffsets(
            clients.group("router"),
            Map.of(new TopicPartition(clients.name(Topic.REQUESTS), 0), new OffsetAndMetadata(10)))
        .all()
        .get();
    // And one reader that is done with nothing
    try (var reader = patientReader(clients.group("trigger"))) {
      reader.subscribe(List.of(clients.name(Topic.INGRESS)));
      Eventually.holds(
          () -> {
            reader.poll(Duration.ofMillis(50));
            assertThat(reader.assignment()).isNotEmpty();
          });

      // When
      List<Finding> all =
          findings(Map.of("NEXUS_KAFKA_TOPIC_PREFIX", "lag.", "NEXUS_BACKLOG_LIMIT", "15"));

      // Then
      assertFound(
          all,
          Verdict.DOUBTFUL,
          "lag.nexus-router lag",
          "20 records to read and nobody reads them",
          "start a platform on these brokers (./nexus up), or a command-service");
      assertFound(
          all,
          Verdict.DOUBTFUL,
          "lag.nexus-trigger lag",
          "30 records wait for 1 reader: events wait on lag.nexus.ingress, which keeps them for 7d",
          "they are let in when no other part is too far behind");
      assertFound(
          all,
          Verdict.DOUBTFUL,
          "lag.nexus-oracle lag",
          "30 records to read and nobody reads them",
          "or an oracle-stream");
      assertFound(
          all,
          Verdict.DOUBTFUL,
          "projections lag",
          "30 records wait for projector-executions: new work is refused above 15, so queries show"
              + " what was before them",
          "look at Redis");
    }
  }

  /// A member that these brokers take: they refuse the sessions of ours.
  private static KafkaConsumer<byte[], byte[]> patientReader(String group) {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers",
            "127.0.0.1:" + broker.port(),
            "group.id",
            group,
            "session.timeout.ms",
            "60000",
            "enable.auto.commit",
            "false"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  @Test
  void shouldNameALaneThatIsBehindOrReadOtherwise() throws Exception {
    // Given tasks, and an executor that does none
    KafkaClients clients = clients("lane.");
    new TopicTable(clients, Profile.EMBEDDED, false).create();
    String group = clients.group("lane-code");
    alter(ConfigResource.Type.GROUP, group, "share.isolation.level", "read_uncommitted");
    write(clients, Topic.TASKS_CODE);
    write(clients, Topic.TASKS_MODEL);
    try (var executor = clients.shareConsumer("lane-code", "executor", 10)) {
      executor.subscribe(List.of(clients.name(Topic.TASKS_CODE)));
      Eventually.holds(
          () -> {
            executor.poll(Duration.ofMillis(50));
            assertThat(admin.describeShareGroups(List.of(group)).all().toCompletionStage())
                .as("a group comes to be with its first member")
                .succeedsWithin(Duration.ofMinutes(1))
                .satisfies(found -> assertThat(found.get(group).members()).isNotEmpty());
          });

      // When
      List<Finding> all =
          findings(Map.of("NEXUS_KAFKA_TOPIC_PREFIX", "lane.", "NEXUS_BACKLOG_LIMIT", "15"));

      // Then
      assertFound(
          all,
          Verdict.DOUBTFUL,
          "lane.nexus-lane-code lag",
          "30 tasks wait for 1 executor: new work is refused above 15",
          "start another instance of sandbox-executor");
      assertFound(
          all,
          Verdict.BROKEN,
          "lane.nexus-lane-code",
          "share.isolation.level is read_uncommitted, expected read_committed",
          "kafka-configs.sh --alter --entity-type groups --entity-name lane.nexus-lane-code");
      assertFound(
          all,
          Verdict.DOUBTFUL,
          "lane.nexus-lane-model lag",
          "30 tasks to do and no executor serves the lane",
          "start one that does");
    }
  }

  @Test
  void shouldNotSayGoodOfWhatTheBrokersDoNotTell() throws Exception {
    // Given a group that this user may not describe
    new TopicTable(clients("denied."), Profile.EMBEDDED, false).create();
    admin
        .createAcls(
            List.of(
                new AclBinding(
                    new ResourcePattern(
                        ResourceType.GROUP, "denied.nexus-router", PatternType.LITERAL),
                    new AccessControlEntry(
                        "User:ANONYMOUS", "*", AclOperation.ALL, AclPermissionType.DENY))))
        .all()
        .get();

    // Then
    Eventually.holds(
        () ->
            assertFound(
                findings(Map.of("NEXUS_KAFKA_TOPIC_PREFIX", "denied.")),
                Verdict.BROKEN,
                "denied.nexus-router lag",
                "the brokers do not tell it: ",
                "whether this user may describe their topics, groups and settings"));
  }

  @Test
  void shouldNameARedisThatThrowsOutOrIsFull() throws Exception {
    RedisClient client = RedisClient.create(redis.url());
    try (var connection = client.connect()) {
      // Given
      connection.sync().set("filler", "x".repeat(2 << 20));
      connection.sync().configSet("maxmemory", "1mb");

      // Then
      assertFound(
          findings(NOBODY),
          Verdict.BROKEN,
          "redis memory",
          "MiB used of 1 MiB: what is new does not show in queries",
          "give Redis more memory (redis-cli config set maxmemory), or lower"
              + " NEXUS_PROJECTED_EXECUTIONS");
      // And
      connection.sync().configSet("maxmemory-policy", "allkeys-lru");
      assertFound(
          findings(NOBODY),
          Verdict.BROKEN,
          "redis eviction",
          "maxmemory-policy is allkeys-lru, expected noeviction",
          "redis-cli config set maxmemory-policy noeviction");
    } finally {
      try (var connection = client.connect()) {
        connection.sync().configSet("maxmemory", "0");
        connection.sync().configSet("maxmemory-policy", "noeviction");
        connection.sync().del("filler");
      }
      client.shutdown();
    }
  }

  @Test
  void shouldSayOnceThatRedisIsSilent() throws Exception {
    // Given
    new TopicTable(clients("silent."), Profile.EMBEDDED, false).create();

    // When
    List<Finding> all =
        findings(
            Map.of(
                "NEXUS_KAFKA_TOPIC_PREFIX", "silent.", "NEXUS_REDIS_URL", "redis://127.0.0.1:1"));

    // Then
    assertFound(all, Verdict.BROKEN, "redis", "does not answer", "correct NEXUS_REDIS_URL");
    assertThat(all).extracting(Finding::check).doesNotContain("projections lag");
    assertFound(all, Verdict.GOOD, "snapshots", "projector, router (0 of 2 snapshots)", "");
  }

  @Test
  void shouldWriteNothingWhereItLooks() throws Exception {
    // Given a record that says nothing of a snapshot
    KafkaClients clients = clients("looked.");
    new TopicTable(clients, Profile.EMBEDDED, false).create();
    try (var writer = clients.producer("test")) {
      writer.send(new ProducerRecord<>(clients.name(Topic.SNAPSHOTS), "k", new byte[1])).get();
    }

    // When
    List<Finding> all = findings(Map.of("NEXUS_KAFKA_TOPIC_PREFIX", "looked."));

    // Then
    assertFound(
        all,
        Verdict.DOUBTFUL,
        "snapshots",
        "1 record of looked.nexus.snapshots cannot be read, and what they say counts for nothing",
        "./nexus dead-letters list");
    for (Topic topic : Topic.values()) {
      assertThat(new TopicReader(clients).records(topic))
          .as(topic.topicName())
          .hasSize(topic == Topic.SNAPSHOTS ? 1 : 0);
    }
  }

  @Test
  void shouldJudgeDisksByTheLimitsThatRefuseNewWork() throws Exception {
    // Given
    KafkaClients clients = clients("disk.");
    new TopicTable(clients, Profile.EMBEDDED, false).create();
    try (var writer = clients.producer("test")) {
      for (int i = 0; i < 4; i++) {
        writer.send(new ProducerRecord<>(clients.name(Topic.EXECUTIONS), new byte[1 << 20]));
      }
    }

    // Then
    assertFound(
        findings(
            Map.of("NEXUS_KAFKA_TOPIC_PREFIX", "disk.", "NEXUS_DISK_RESERVE_MB", "2000000000")),
        Verdict.BROKEN,
        "disk",
        "MiB free, and new work is refused below 2000000000 MiB (NEXUS_DISK_RESERVE_MB)",
        "free some space, or change NEXUS_DISK_RESERVE_MB or NEXUS_LOG_LIMIT_MB");
    assertFound(
        findings(Map.of("NEXUS_KAFKA_TOPIC_PREFIX", "disk.", "NEXUS_LOG_LIMIT_MB", "2")),
        Verdict.BROKEN,
        "disk",
        "the log has 4 MiB, and new work is refused above 2 MiB (NEXUS_LOG_LIMIT_MB)",
        "NEXUS_LOG_LIMIT_MB");
  }

  private static void alter(ConfigResource.Type type, String name, String setting, String value)
      throws Exception {
    admin
        .incrementalAlterConfigs(
            Map.of(
                new ConfigResource(type, name),
                List.of(
                    new AlterConfigOp(new ConfigEntry(setting, value), AlterConfigOp.OpType.SET))))
        .all()
        .get();
  }

  private static void write(KafkaClients clients, Topic topic) {
    try (var writer = clients.producer("test")) {
      for (int i = 0; i < RECORDS; i++) {
        writer.send(new ProducerRecord<>(clients.name(topic), 0, "k" + i, new byte[1]));
      }
    }
  }
}
