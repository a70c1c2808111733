package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.platform.service.CannotGoOnException;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.Markers;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
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
  /// Bytes of a batch before its attributes, and the bit in these that says it is a marker.
  private static final int ATTRIBUTES = 21;

  private static final int CONTROL = 0x20;

  @TempDir Path directory;

  private EmbeddedBroker broker;
  private KafkaClients clients;

  /// Who connects to a broker that asks; "" for one that does not.
  private String user = "";

  @BeforeEach
  void begin() {
    start();
    new TopicTable(clients, Profile.EMBEDDED, false).create();
  }

  private void start() {
    broker =
        EmbeddedBroker.startWith(
            directory.resolve("kafka"), user.isEmpty() ? Map.of() : askingForUsers());
    clients = new KafkaClients(connecting(user), "");
  }

  private static Map<String, String> askingForUsers() {
    return Map.of(
        "listener.security.protocol.map",
        "PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
        "sasl.enabled.mechanisms",
        "PLAIN",
        "sasl.mechanism.inter.broker.protocol",
        "PLAIN",
        "listener.name.plaintext.plain.sasl.jaas.config",
        login("admin") + " user_admin=\"p\" user_owner=\"p\";",
        "authorizer.class.name",
        "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users",
        "User:admin;User:ANONYMOUS",
        "allow.everyone.if.no.acl.found",
        "true");
  }

  private static String login(String name) {
    return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\""
        + name
        + "\" password=\"p\"";
  }

  private Map<String, String> connecting(String name) {
    return name.isEmpty()
        ? Map.of("bootstrap.servers", broker.bootstrapServers())
        : Map.of(
            "bootstrap.servers",
            broker.bootstrapServers(),
            "security.protocol",
            "SASL_PLAINTEXT",
            "sasl.mechanism",
            "PLAIN",
            "sasl.jaas.config",
            login(name) + ";");
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
  void shouldShowWhatFollowedFromFactsThatStandWithTheNextWrite() throws Exception {
    // Given
    try (Transaction dead = owner()) {
      write(dead, "first", Topic.EXECUTIONS, Topic.TASKS_CODE);
    }
    loseMarkers(Topic.TASKS_CODE);
    assertThat(keys(Topic.TASKS_CODE)).isEmpty();

    // When
    try (Transaction owner = owner()) {
      write(owner, "second", Topic.EXECUTIONS, Topic.TASKS_CODE);
    }

    // Then
    assertSeen(Topic.EXECUTIONS, "first", "second");
    assertSeen(Topic.TASKS_CODE, "first", "second");
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
    assertSeen(Topic.REPLIES, "first", "again");
  }

  @Test
  void shouldNotBeginBeforeSomebodyAbortedWhatItMayNotAbort() throws Exception {
    // Given
    try (Transaction dead = owner()) {
      write(dead, "lost", Topic.EXECUTIONS);
    }
    user = "owner";
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

  /// As soon as something about the cluster is granted to somebody, nobody else may do anything to
  /// it, nor the same more than that.
  private void keepFromChangingTheCluster() throws Exception {
    try (Admin admin = Admin.create(Map.copyOf(connecting("admin")));
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
            connecting("admin").entrySet().stream()
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
    return new Transaction(clients, "router-0");
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
    try (Admin admin = clients.admin()) {
      Arrays.stream(topics).forEach(topic -> Markers.await(admin, clients, topic));
    }
    broker.close();
    Path log = directory.resolve("kafka");
    Files.delete(log.resolve(".kafka_cleanshutdown"));
    for (Topic topic : topics) {
      Path partition = log.resolve(clients.name(topic) + "-0");
      cutMarker(partition.resolve("00000000000000000000.log"));
      try (Stream<Path> files = Files.list(partition)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".snapshot")).toList()) {
          Files.delete(file);
        }
      }
    }
    start();
  }

  private static void cutMarker(Path segment) throws IOException {
    ByteBuffer batches = ByteBuffer.wrap(Files.readAllBytes(segment));
    int last = 0;
    for (int at = 0; at < batches.capacity(); at += 12 + batches.getInt(at + 8)) {
      last = at;
    }
    assertThat(batches.getShort(last + ATTRIBUTES) & CONTROL).as("a marker").isNotZero();
    try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
      file.truncate(last);
    }
  }
}
