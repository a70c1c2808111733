package dev.nexus.command.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What outside events come by goes on when a broker or a disk does not do its part.
class IngressReaderIT {
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

  @Test
  void shouldReadOnWhenPositionsCannotBeCommitted() {
    // Given: a commit that takes longer than a millisecond fails
    String topic = BROKER.clients().name(Topic.INGRESS);
    var hasty =
        new KafkaClients(
            Map.of("bootstrap.servers", BROKER.bootstrapServers(), "default.api.timeout.ms", "1"),
            topic.substring(0, topic.length() - Topic.INGRESS.topicName().length()));
    try (var reader = stage.reader(hasty)) {
      reader.start();

      for (String name : new String[] {"first", "second", "third"}) {
        // When
        stage.sendNoise(name);

        // Then
        Eventually.holds(() -> assertThat(stage.putAside(name)).isTrue());
      }
      Eventually.holds(() -> assertThat(reader.healthy()).isTrue());
    }
  }

  @Test
  void shouldHoldBackOnlyThePartitionOfAnEventThatTheDiskDoesNotTake() throws Exception {
    // Given a file where the directory of large contents has to be
    Path payloads = data.resolve("payloads");
    Files.writeString(payloads, "no directory");
    try (var reader = stage.reader(BROKER.clients())) {
      reader.start();

      // When
      stage.send(0, "held-before", "{}");
      stage.send(0, "held-large", "{\"text\": \"" + "x".repeat(300 << 10) + "\"}");
      stage.send(0, "held-behind", "{}");
      for (int i = 0; i < 3; i++) {
        stage.send(1, "held-neighbour-" + i, "{}");
      }

      // Then
      Eventually.holds(
          () ->
              assertThat(stage.letIn("held-"))
                  .containsExactlyInAnyOrder(
                      "held-before", "held-neighbour-0", "held-neighbour-1", "held-neighbour-2"));
      Eventually.stays(Duration.ofSeconds(3), () -> assertThat(stage.letIn("held-")).hasSize(4));
      stage.send(1, "held-neighbour-3", "{}");
      Eventually.holds(() -> assertThat(stage.letIn("held-")).contains("held-neighbour-3"));

      // When the directory can be written again
      Files.delete(payloads);

      // Then
      Eventually.holds(
          () ->
              assertThat(stage.letIn("held-"))
                  .as("each once")
                  .contains("held-large", "held-behind")
                  .hasSize(7));
    }
  }
}
