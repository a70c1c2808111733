package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.embedded.EmbeddedBroker;
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
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
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

  @BeforeEach
  void begin() {
    start();
    new TopicTable(clients, Profile.EMBEDDED, false).create();
  }

  private void start() {
    broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
    clients = new KafkaClients(Map.of("bootstrap.servers", broker.bootstrapServers()), "");
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
