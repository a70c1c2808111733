package dev.nexus.command.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    return BROKER.clients(
        Map.of(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG, NoMemory.class.getName()));
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

  @Test
  void shouldTakeBackAnAttemptWhenAnotherMemberJoins() throws Exception {
    // Given an attempt that goes on for as long as the log takes no events
    stage.send("joined-event");
    String limit = stage.limitEvents("1");
    int failed = Doubts.TOGETHER + Doubts.ALONE - 1;
    commit(new OffsetAndMetadata(0, "tried " + failed));
    try (var reader = stage.reader(BROKER.clients())) {
      reader.start();
      Eventually.holds(
          () ->
              assertThat(committed()).isEqualTo(new OffsetAndMetadata(0, "tried " + (failed + 1))));

      // When one joins that the first partition goes to, by its name
      try (var other =
          BROKER.clients().groupConsumer(ConsumerGroup.TRIGGER.groupName(), "a-member")) {
        other.subscribe(List.of(BROKER.clients().name(Topic.INGRESS)));
        Eventually.holds(
            () -> {
              other.poll(Duration.ofMillis(100));
              assertThat(other.assignment()).contains(first());
            });

        // Then
        assertThat(committed()).isEqualTo(new OffsetAndMetadata(0, "tried " + failed));
      }

      // When the log takes events again
      stage.limitEvents(limit);

      // Then
      Eventually.holds(() -> assertThat(stage.letIn("joined-")).contains("joined-event"));
      Eventually.holds(() -> assertThat(committed()).isEqualTo(new OffsetAndMetadata(1)));
      assertThat(stage.passedOver()).isEmpty();
    }
  }

  @Test
  void shouldDoubtNothingAfterRestartsInWhichNothingWasRead() throws Exception {
    // Given
    stage.send("waiting-event");
    stage.shortage().set(Optional.of("/data has 3 MiB free"));

    for (int restart = 0; restart < Doubts.TOGETHER; restart++) {
      try (var reader = stage.reader(BROKER.clients())) {
        // When
        reader.start();
        Eventually.holds(() -> assertThat(stage.members()).isEqualTo(1));

        // Then
        Eventually.stays(
            Duration.ofSeconds(1),
            () -> assertThat(committed()).isEqualTo(new OffsetAndMetadata(0)));
      }
      Eventually.holds(() -> assertThat(stage.members()).isZero());
    }
    assertThat(committed()).isEqualTo(new OffsetAndMetadata(0));
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
