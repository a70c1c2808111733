package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.task.Lane;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.ConfigResource.Type;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TopicTableIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private Admin admin;
  private TopicTable table;

  @BeforeEach
  void begin() {
    admin = broker.clients().admin();
    table = table(broker.clients(), false);
  }

  @AfterEach
  void end() {
    admin.close();
  }

  private static TopicTable table(KafkaClients clients, boolean fsync) {
    return new TopicTable(clients, Profile.EMBEDDED, fsync);
  }

  private static ConfigResource topic(KafkaClients clients, Topic topic) {
    return new ConfigResource(Type.TOPIC, clients.name(topic));
  }

  private String config(ConfigResource resource, String name) throws Exception {
    return admin.describeConfigs(List.of(resource)).all().get().get(resource).get(name).value();
  }

  private void alter(ConfigResource resource, OpType how, String name, String value)
      throws ExecutionException, InterruptedException {
    var operation = new AlterConfigOp(new ConfigEntry(name, value), how);
    admin.incrementalAlterConfigs(Map.of(resource, List.of(operation))).all().get();
  }

  /// A broker hears of what was set from its controller, a moment later.
  private void becomes(ConfigResource resource, String name, String expected) {
    Eventually.holds(
        () -> assertThat(config(resource, name)).as("%s", resource).isEqualTo(expected));
  }

  @Test
  void shouldSetUpShareGroupsAlsoWhenAnotherInstanceCreatedTheTopics() throws Exception {
    // Given
    List<ConfigResource> groups = new ArrayList<>();
    for (Lane lane : Lane.values()) {
      var group = new ConfigResource(Type.GROUP, broker.clients().group(ShareGroups.ofLane(lane)));
      groups.add(group);
      alter(group, OpType.SET, "share.auto.offset.reset", "latest");
    }
    // When
    table.createMissing(admin, Set.of());
    // Then
    for (ConfigResource group : groups) {
      becomes(group, "share.auto.offset.reset", "earliest");
      becomes(group, "share.isolation.level", "read_committed");
    }
  }

  @Test
  void shouldRefuseToStartOnTopicsWhosePartitionsDoNotMatch() throws Exception {
    // Given
    String outcomes = broker.clients().name(Topic.OUTCOMES);
    admin.createPartitions(Map.of(outcomes, NewPartitions.increaseTo(7))).all().get();
    // Then
    Eventually.holds(
        () -> assertThat(table.drift(admin)).hasSize(1).first().asString().contains(outcomes));
    assertThatThrownBy(table::create)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(outcomes + " has 7 partitions")
        .hasMessageContaining("has 4: they must be equal");
  }

  @Test
  void shouldKeepRecordsByTheTimeTheyCame() {
    // Given
    long before = System.currentTimeMillis();
    KafkaClients clients = broker.clients();
    // When: by its own time one would be deleted at once, and one never
    try (var producer = clients.producer("odd-clock")) {
      for (Topic topic : Topic.values()) {
        for (long time : List.of(1L, Long.MAX_VALUE)) {
          producer.send(new ProducerRecord<>(clients.name(topic), 0, time, "k", new byte[] {1}));
        }
      }
    }
    // Then
    long after = System.currentTimeMillis();
    for (Topic topic : Topic.values()) {
      assertThat(new TopicReader(clients).records(topic))
          .as("%s", topic)
          .isNotEmpty()
          .allSatisfy(record -> assertThat(record.timestamp()).isBetween(before, after));
    }
  }

  @Test
  void shouldStampRecordsOfTopicsThatWereBegunOtherwise() throws Exception {
    // Given
    KafkaClients clients = broker.clients();
    ConfigResource requests = topic(clients, Topic.REQUESTS);
    alter(requests, OpType.SET, "message.timestamp.type", "CreateTime");
    becomes(requests, "message.timestamp.type", "CreateTime");
    List<String> drift = table.drift(admin);
    // When
    table.stamp();
    // Then
    assertThat(drift)
        .containsExactly(
            "topic "
                + clients.name(Topic.REQUESTS)
                + " has message.timestamp.type=CreateTime, expected LogAppendTime: set it with"
                + " kafka-configs --alter");
    Eventually.holds(() -> assertThat(table.drift(admin)).isEmpty());
  }

  @Test
  void shouldFindNoDriftInWhatItCreated() {
    Eventually.holds(() -> assertThat(table.drift(admin)).isEmpty());
  }

  @Test
  void shouldNameEveryDifferenceThatLosesRecords() throws Exception {
    // Given
    KafkaClients clients = broker.clients();
    alter(topic(clients, Topic.EXECUTIONS), OpType.SET, "retention.ms", "604800000");
    alter(topic(clients, Topic.ROUTES), OpType.SET, "cleanup.policy", "delete");
    alter(topic(clients, Topic.REPLIES), OpType.SET, "retention.ms", "99999999");
    alter(topic(clients, Topic.EVIDENCE), OpType.SET, "cleanup.policy", "compact");
    admin.deleteTopics(List.of(clients.name(Topic.METRICS))).all().get();
    // Then
    Eventually.holds(
        () ->
            assertThat(table.drift(admin))
                .satisfiesExactlyInAnyOrder(
                    missing -> assertThat(missing).contains("nexus.metrics is missing"),
                    short_ ->
                        assertThat(short_)
                            .contains("nexus.executions has retention.ms=604800000, expected -1"),
                    uncompacted ->
                        assertThat(uncompacted)
                            .contains("nexus.routes has cleanup.policy=delete, expected compact"),
                    compacted ->
                        assertThat(compacted)
                            .contains(
                                "nexus.evidence has cleanup.policy=compact, expected delete")));
  }

  @Test
  void shouldNameTopicsThatTooFewReplicasKeep() throws Exception {
    // Given
    var replicated = new TopicTable(broker.clients(), Profile.CLUSTER, false);

    // Then
    Eventually.holds(
        () ->
            assertThat(replicated.drift(admin))
                .hasSize(Topic.values().length)
                .allSatisfy(
                    sentence ->
                        assertThat(sentence).contains("min.insync.replicas=1, expected 2")));
  }

  @Test
  void shouldWaitForBrokersThatAreMissingBeforeItSaysSo() {
    // Given
    var clients =
        new KafkaClients(Map.of("bootstrap.servers", broker.bootstrapServers()), "elsewhere.");
    var replicated = new TopicTable(clients, Profile.CLUSTER.with(3), false);
    Instant from = Instant.now();

    // Then
    assertThatThrownBy(replicated::create)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("topics get 3 copies, and fewer brokers are there");
    assertThat(Duration.between(from, Instant.now())).isGreaterThan(Duration.ofSeconds(14));
  }

  @Test
  void shouldSyncWhatWasAcceptedAndEverythingWhenAskedTo() throws Exception {
    // Given
    String bootstrap = broker.bootstrapServers();
    KafkaClients synced =
        new KafkaClients(
            Map.of("bootstrap.servers", bootstrap), "synced" + broker.clients().name(Topic.ROUTES));
    Map<Topic, String> usual = new HashMap<>();
    // When
    table(synced, true).create();
    for (Topic topic : Topic.values()) {
      usual.put(topic, config(topic(broker.clients(), topic), "flush.messages"));
      // Then
      becomes(topic(synced, topic), "flush.messages", "1");
    }
    usual.forEach(
        (topic, flush) ->
            assertThat(flush.equals("1"))
                .as("%s is synced each time", topic)
                .isEqualTo(topic.sync() == Topic.Sync.EACH));
    assertThat(usual.get(Topic.REQUESTS)).isEqualTo("1");
    // A position that is passed may outlive the power: so must the letter about what it passed.
    assertThat(usual.get(Topic.DEAD_LETTERS)).isEqualTo("1");
    assertThat(usual.get(Topic.EXECUTIONS)).isNotEqualTo("1");
  }

  @Test
  void shouldSyncTopicsThatAreThereAsItIsTold() throws Exception {
    // Given
    table.sync();
    String leisure = config(topic(broker.clients(), Topic.EXECUTIONS), "flush.messages");

    // When
    TopicTable synced = table(broker.clients(), true);
    List<String> driftBefore = synced.drift(admin);
    synced.create();
    synced.sync();

    // Then
    for (Topic topic : Topic.values()) {
      becomes(topic(broker.clients(), topic), "flush.messages", "1");
    }
    assertThat(leisure).isNotEqualTo("1");
    assertThat(driftBefore).anyMatch(fault -> fault.contains("flush.messages"));
    assertThat(synced.drift(admin)).isEmpty();

    // When
    table.sync();

    // Then
    becomes(topic(broker.clients(), Topic.EXECUTIONS), "flush.messages", leisure);
    becomes(topic(broker.clients(), Topic.REQUESTS), "flush.messages", "1");
  }

  @Test
  void shouldSyncTopicsOfAnEarlierTableThatWereNot() throws Exception {
    // Given
    table.create();
    ConfigResource letters = topic(broker.clients(), Topic.DEAD_LETTERS);
    alter(letters, OpType.SET, "flush.messages", "1000");
    becomes(letters, "flush.messages", "1000");

    // When
    table.sync();

    // Then
    becomes(letters, "flush.messages", "1");
  }
}
