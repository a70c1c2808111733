package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.nexus.platform.service.CannotGoOnException;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.tools.TransactionsCommand;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a crash of the broker can leave: transactions that their coordinator has completed, and
/// partitions without the marker of their end. Here the markers are cut off the files of a broker
/// that is down, which then recovers as after kill -9.
class OrphanedWritesIT {
  @TempDir Path directory;

  private CrashingBroker broker;
  private KafkaClients clients;

  @BeforeEach
  void begin() {
    broker = new CrashingBroker(directory);
    clients = broker.clients();
    new TopicTable(clients, Profile.EMBEDDED, false).create();
  }

  @AfterEach
  void end() {
    broker.close();
  }

  @Test
  void shouldAbortFactsThatNobodySawWithWhatFollowedFromThem() throws Exception {
    // Given
    try (Transaction dead = owner()) {
      write(dead, "lost", Topic.EXECUTIONS, Topic.TASKS_CODE, Topic.REPLIES);
    }
    loseMarkers(Topic.EXECUTIONS, Topic.TASKS_CODE, Topic.REPLIES);
    assertThat(keys(Topic.EXECUTIONS)).isEmpty();

    // When: it is decided again
    try (Transaction owner = owner()) {
      write(owner, "again", Topic.EXECUTIONS, Topic.TASKS_CODE, Topic.REPLIES);
    }

    // Then
    for (Topic topic : List.of(Topic.EXECUTIONS, Topic.TASKS_CODE, Topic.REPLIES)) {
      assertSeen(topic, "again");
    }
  }

  @Test
  void shouldShowWhatFollowedFromFactsThatStandThoughTheNextOwnerWritesNothing() throws Exception {
    // Given
    try (Transaction dead = owner()) {
      write(dead, "first", Topic.EXECUTIONS, Topic.TASKS_CODE, Topic.REPLIES);
    }
    loseMarkers(Topic.TASKS_CODE, Topic.REPLIES);
    assertThat(keys(Topic.TASKS_CODE)).isEmpty();

    // When
    owner().close();

    // Then nothing is missing, and what ended it is there twice
    assertSeen(Topic.EXECUTIONS, "first");
    assertSeen(Topic.TASKS_CODE, "first", "first");
    assertSeen(Topic.REPLIES, "first", "first");
  }

  @Test
  void shouldLetRequestsPassThatStandBehindOneOfADeadDispatcher() throws Exception {
    // Given
    try (Transaction dead = owner("dispatch-0")) {
      write(dead, "started", Topic.EVENTS, Topic.REQUESTS);
    }
    loseMarkers(Topic.REQUESTS);
    try (var caller = clients.producer("caller")) {
      caller
          .send(new ProducerRecord<>(clients.name(Topic.REQUESTS), 0, "called", new byte[] {1}))
          .get();
    }
    assertThat(keys(Topic.REQUESTS)).isEmpty();

    // When
    owner("dispatch-0").close();

    // Then
    assertSeen(Topic.EVENTS, "started");
    assertSeen(Topic.REQUESTS, "started", "called", "started");
  }

  @Test
  void shouldShowRoutesAndRequestsThatADeadOracleLeft() throws Exception {
    // Given
    try (Transaction dead = owner("oracle-0")) {
      write(dead, "decided", Topic.EVIDENCE, Topic.PROMOTIONS, Topic.ROUTES, Topic.REQUESTS);
    }
    loseMarkers(Topic.ROUTES, Topic.REQUESTS);
    assertThat(keys(Topic.ROUTES)).isEmpty();

    // When
    owner("oracle-0").close();

    // Then
    for (Topic facts : List.of(Topic.EVIDENCE, Topic.PROMOTIONS)) {
      assertSeen(facts, "decided");
    }
    for (Topic left : List.of(Topic.ROUTES, Topic.REQUESTS)) {
      assertSeen(left, "decided", "decided");
    }
  }

  @Test
  void shouldAbortAVerdictThatNobodySawWithItsRequests() throws Exception {
    // Given
    try (Transaction dead = owner("dispatch-0")) {
      write(dead, "lost", Topic.EVENTS, Topic.REQUESTS);
    }
    loseMarkers(Topic.EVENTS, Topic.REQUESTS);

    // When it is decided again
    try (Transaction owner = owner("dispatch-0")) {
      write(owner, "again", Topic.EVENTS, Topic.REQUESTS);
    }

    // Then
    assertSeen(Topic.EVENTS, "again");
    assertSeen(Topic.REQUESTS, "again");
  }

  /// Nobody takes over from an owner that outlives a broker.
  @Test
  void shouldTellALivingOwnerWhatItWroteThatHasNoEnd() throws Exception {
    // Given
    try (Transaction owner = owner("dispatch-0")) {
      write(owner, "started", Topic.EVENTS, Topic.REQUESTS);
    }

    // When
    loseMarkers(Topic.REQUESTS);

    // Then
    var requests = new TopicPartition(clients.name(Topic.REQUESTS), 0);
    Eventually.holds(
        () -> assertThat(OrphanedWrites.left(clients, "dispatch-0")).contains(List.of(requests)));

    // When it has begun anew
    owner("dispatch-0").close();

    // Then
    Eventually.holds(
        () -> assertThat(OrphanedWrites.left(clients, "dispatch-0")).contains(List.of()));
  }

  @Test
  void shouldLeaveFactsToTheNextWriteOfALivingOwner() throws Exception {
    // Given
    try (Transaction owner = owner()) {
      write(owner, "decided", Topic.EXECUTIONS, Topic.REPLIES);
    }

    // When
    loseMarkers(Topic.EXECUTIONS, Topic.REPLIES);

    // Then
    assertThat(keys(Topic.EXECUTIONS)).isEmpty();
    assertThat(OrphanedWrites.left(clients, "router-0")).isEmpty();
  }

  @Test
  void shouldKeepWhatFollowedFromFactsThatStandWhenLaterFactsAreAborted() throws Exception {
    // Given: the reply of the first transaction and the facts of the second
    try (Transaction dead = owner()) {
      write(dead, "first", Topic.EXECUTIONS, Topic.REPLIES);
      write(dead, "second", Topic.EXECUTIONS, Topic.TASKS_CODE);
    }
    loseMarkers(Topic.EXECUTIONS, Topic.REPLIES);
    assertSeen(Topic.EXECUTIONS, "first");
    assertThat(keys(Topic.REPLIES)).isEmpty();

    // When
    try (Transaction owner = owner()) {
      write(owner, "again", Topic.EXECUTIONS, Topic.REPLIES);
    }

    // Then
    assertSeen(Topic.EXECUTIONS, "first", "again");
    assertSeen(Topic.REPLIES, "first", "first", "again");
  }

  @Test
  void shouldNotBeginBeforeSomebodyAbortedWhatItMayNotAbort() throws Exception {
    // Given
    try (Transaction dead = owner()) {
      write(dead, "lost", Topic.EXECUTIONS);
    }
    broker.askForUsers();
    loseMarkers(Topic.EXECUTIONS);
    keepFromChangingTheCluster();

    // When
    CannotGoOnException refusal =
        catchThrowableOfType(CannotGoOnException.class, () -> owner().close());

    // Then
    assertThat(refusal.problem()).contains("nexus.executions-0");
    runTheToolOf(refusal.mend());
    try (Transaction owner = owner()) {
      write(owner, "again", Topic.EXECUTIONS);
    }
    assertSeen(Topic.EXECUTIONS, "again");
  }

  @Test
  void shouldGoOnWhereItMayNotLookForUnfinishedWrites() throws Exception {
    // Given
    try (Transaction dead = owner()) {
      write(dead, "first", Topic.EXECUTIONS, Topic.REPLIES);
    }
    broker.askForUsers();
    loseMarkers(Topic.REPLIES);
    keepToOthers(Topic.INGRESS);

    // When
    try (Transaction owner = owner()) {
      assertThat(keys(Topic.REPLIES)).isEmpty();
      write(owner, "second", Topic.EXECUTIONS, Topic.REPLIES);
    }

    // Then its own writes end what was left there
    assertSeen(Topic.EXECUTIONS, "first", "second");
    assertSeen(Topic.REPLIES, "first", "second");
  }

  /// What stands behind it may be somebody else's, and may have been aborted.
  @Test
  void shouldNotWriteAnothersRecordWhereTheFirstOfAWriteIsDeleted() throws Exception {
    // Given
    try (Transaction dead = owner("dispatch-0")) {
      write(dead, "started", Topic.EVENTS, Topic.REQUESTS);
    }
    loseMarkers(Topic.REQUESTS);
    try (var caller = clients.producer("caller")) {
      caller
          .send(new ProducerRecord<>(clients.name(Topic.REQUESTS), 0, "called", new byte[] {1}))
          .get();
    }
    var requests = new TopicPartition(clients.name(Topic.REQUESTS), 0);
    try (Admin admin = clients.admin()) {
      admin.deleteRecords(Map.of(requests, RecordsToDelete.beforeOffset(1))).all().get();
    }

    // When
    CannotGoOnException refusal =
        catchThrowableOfType(CannotGoOnException.class, () -> owner("dispatch-0").close());

    // Then
    assertThat(refusal.problem()).contains("nexus.requests-0", "no longer has its first record");
    assertThat(refusal.mend()).endsWith("--topic nexus.requests --partition 0 --start-offset 0");
  }

  /// As soon as something about a topic is granted to somebody, it is nobody else's.
  private void keepToOthers(Topic topic) throws Exception {
    try (Admin admin = Admin.create(Map.copyOf(broker.connecting("admin")));
        Admin own = clients.admin()) {
      var read =
          new AccessControlEntry("User:admin", "*", AclOperation.READ, AclPermissionType.ALLOW);
      var resource =
          new ResourcePattern(ResourceType.TOPIC, clients.name(topic), PatternType.LITERAL);
      admin.createAcls(List.of(new AclBinding(resource, read))).all().get();
      Eventually.holds(
          () ->
              assertThatThrownBy(
                      () -> own.describeTopics(List.of(clients.name(topic))).allTopicNames().get())
                  .hasCauseInstanceOf(AuthorizationException.class));
    }
  }

  /// As soon as something about the cluster is granted to somebody, nobody else may do anything to
  /// it, nor the same more than that.
  private void keepFromChangingTheCluster() throws Exception {
    try (Admin admin = Admin.create(Map.copyOf(broker.connecting("admin")));
        Admin own = clients.admin()) {
      var describe =
          new AccessControlEntry("User:owner", "*", AclOperation.DESCRIBE, AclPermissionType.ALLOW);
      var cluster =
          new ResourcePattern(ResourceType.CLUSTER, Resource.CLUSTER_NAME, PatternType.LITERAL);
      admin.createAcls(List.of(new AclBinding(cluster, describe))).all().get();
      var options = new DescribeClusterOptions().includeAuthorizedOperations(true);
      Eventually.holds(
          () ->
              assertThat(own.describeCluster(options).authorizedOperations().get())
                  .containsExactly(AclOperation.DESCRIBE));
    }
  }

  /// Runs what a mend says as a shell with Kafka's own tools does.
  private void runTheToolOf(String mend) throws Exception {
    Path connection =
        Files.write(
            directory.resolve("admin.properties"),
            broker.connecting("admin").entrySet().stream()
                .map(property -> property.getKey() + "=" + property.getValue())
                .toList());
    String tool = "kafka-transactions.sh ";
    assertThat(mend).contains(tool);
    Exit.setExitProcedure((code, message) -> assertThat(code).as(message).isZero());
    try {
      TransactionsCommand.main(
          mend.substring(mend.indexOf(tool) + tool.length())
              .replace("HOST:PORT", broker.bootstrapServers())
              .replace("admin.properties", connection.toString())
              .split(" ", -1));
    } finally {
      Exit.resetExitProcedure();
    }
  }

  private Transaction owner() {
    return owner("router-0");
  }

  private Transaction owner(String transactionalId) {
    return new Transaction(clients, transactionalId);
  }

  private void write(Transaction transaction, String key, Topic... topics) {
    transaction.write(
        Stream.of(topics)
            .map(topic -> new ProducerRecord<>(clients.name(topic), 0, key, new byte[] {1}))
            .map(RecordSink.Outgoing::new)
            .toList());
    transaction.commit();
  }

  /// A commit is certain before its markers stand everywhere.
  private void assertSeen(Topic topic, String... keys) {
    Eventually.holds(() -> assertThat(keys(topic)).as(topic.topicName()).containsExactly(keys));
  }

  /// What a reader of committed records sees.
  private List<String> keys(Topic topic) {
    return new TopicReader(clients).records(topic).stream().map(ConsumerRecord::key).toList();
  }

  /// Takes the last marker off the first partition of each topic, and restarts the broker.
  private void loseMarkers(Topic... topics) throws IOException {
    broker.loseMarkers(topics);
    clients = broker.clients();
  }
}
