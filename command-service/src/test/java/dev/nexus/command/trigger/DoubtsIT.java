package dev.nexus.command.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A record that no reader has the memory for costs itself, not its partition.
class DoubtsIT {
  private static final String TOO_LARGE = "too-large";

  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();
  @TempDir Path data;

  private IngressStage stage;

  @BeforeEach
  void begin() {
    stage = new IngressStage(BROKER, data);
  }

  @AfterEach
  void end() {
    stage.close();
  }

  /// Ends every poll that gives this record as one does that has no memory for it.
  public static final class NoMemory implements ConsumerInterceptor<String, byte[]> {
    @Override
    public ConsumerRecords<String, byte[]> onConsume(ConsumerRecords<String, byte[]> records) {
      for (var record : records) {
        if (record.key().equals(TOO_LARGE)) {
          throw new OutOfMemoryError("of a test");
        }
      }
      return records;
    }

    @Override
    public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> configs) {}
  }

  /// Clients of readers that have no memory for such a record.
  private static KafkaClients clients() {
    String topic = BROKER.clients().name(Topic.INGRESS);
    return new KafkaClients(
        Map.of(
            "bootstrap.servers",
            BROKER.bootstrapServers(),
            ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG,
            NoMemory.class.getName()),
        topic.substring(0, topic.length() - Topic.INGRESS.topicName().length()));
  }

  @Test
  void shouldPassOverTheRecordThatEndsEveryReadingAndNoOther() throws Exception {
    // Given
    stage.send("doubt-before-1");
    stage.send("doubt-before-2");
    stage.sendNoiseBeside(TOO_LARGE);
    stage.send("doubt-behind-1");
    stage.send(1, "doubt-beside-1", "{}");
    try (var reader = stage.reader(clients())) {
      // When
      reader.start();

      // Then
      String[] good = {"doubt-before-1", "doubt-before-2", "doubt-behind-1", "doubt-beside-1"};
      Eventually.holds(
          () -> assertThat(stage.letIn("doubt-")).as("each once").containsExactlyInAnyOrder(good));
      assertThat(stage.passedOver()).containsExactly(2L);

      // When its partition is trusted again
      stage.send("doubt-behind-2");

      // Then
      Eventually.holds(() -> assertThat(stage.letIn("doubt-")).contains("doubt-behind-2"));
      Eventually.holds(() -> assertThat(committed()).isEqualTo(new OffsetAndMetadata(5)));
      assertThat(stage.letIn("doubt-")).hasSize(5);
      assertThat(stage.passedOver()).containsExactly(2L);
      assertThat(reader.healthy()).isTrue();
    }
  }

  @Test
  void shouldGoOnCountingWhereAnotherProcessEnded() throws Exception {
    // Given the last of the attempts that were counted before each
    stage.send("count-before");
    stage.sendNoiseBeside("count-killer");
    stage.send("count-behind");
    int attempts = Doubts.TOGETHER + Doubts.ALONE;
    commit(new OffsetAndMetadata(1, "tried " + attempts));
    try (var reader = stage.reader(BROKER.clients())) {
      // When
      reader.start();

      // Then
      Eventually.holds(() -> assertThat(stage.letIn("count-")).containsExactly("count-behind"));
      assertThat(stage.passedOver()).containsExactly(1L);
      assertThat(stage.putAside("count-killer")).as("it was not read").isFalse();
    }
  }

  @Test
  void shouldReadAloneWhatMayBeAtFaultAndKeepItWhenItIsNot() throws Exception {
    // Given
    stage.sendNoiseBeside("alone-noise");
    stage.send("alone-event");
    commit(new OffsetAndMetadata(0, "tried " + Doubts.TOGETHER));
    try (var reader = stage.reader(BROKER.clients())) {
      // When
      reader.start();

      // Then
      Eventually.holds(() -> assertThat(stage.letIn("alone-")).containsExactly("alone-event"));
      assertThat(stage.timesPutAside("alone-noise")).isEqualTo(1);
      Eventually.holds(() -> assertThat(committed()).isEqualTo(new OffsetAndMetadata(2)));
      assertThat(stage.passedOver()).isEmpty();
    }
  }

  private static TopicPartition first() {
    return new TopicPartition(BROKER.clients().name(Topic.INGRESS), 0);
  }

  private static String group() {
    return BROKER.clients().group(ConsumerGroup.TRIGGER.groupName());
  }

  private static void commit(OffsetAndMetadata position) throws Exception {
    try (Admin admin = BROKER.clients().admin()) {
      admin.alterConsumerGroupOffsets(group(), Map.of(first(), position)).all().get();
    }
  }

  private static OffsetAndMetadata committed() throws Exception {
    try (Admin admin = BROKER.clients().admin()) {
      OffsetAndMetadata known =
          admin
              .listConsumerGroupOffsets(group())
              .partitionsToOffsetAndMetadata()
              .get()
              .get(first());
      return known == null
          ? new OffsetAndMetadata(0)
          : new OffsetAndMetadata(known.offset(), known.metadata());
    }
  }
}
