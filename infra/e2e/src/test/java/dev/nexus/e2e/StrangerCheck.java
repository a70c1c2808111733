package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/// What the brokers refuse to one whom they know and who only writes outside events.
final class StrangerCheck {
  private StrangerCheck() {}

  /// @param stranger connects as `integration`
  static void assertMayNeitherReadFactsNorAskForWork(KafkaClients stranger) {
    try (var reader = stranger.assignedConsumer("curious")) {
      reader.assign(List.of(new TopicPartition(stranger.name(Topic.EXECUTIONS), 0)));
      assertThatThrownBy(() -> reader.poll(Duration.ofMinutes(1)))
          .isInstanceOf(TopicAuthorizationException.class);
    }
    var intent =
        new ProducerRecord<>(
            stranger.name(Topic.REQUESTS), "default/x", "{}".getBytes(StandardCharsets.UTF_8));
    try (var writer = stranger.producer("forger")) {
      assertThatThrownBy(() -> writer.send(intent).get())
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(TopicAuthorizationException.class);
    }
  }
}
