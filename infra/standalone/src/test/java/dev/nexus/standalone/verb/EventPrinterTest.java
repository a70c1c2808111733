package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class EventPrinterTest {
  @Test
  void shouldNameTimesAsTheApiDoes() {
    // Given
    var event =
        new Event<ExecutionEvent>(
            Envelope.of(new UUID(1, 1), Instant.EPOCH, TenantId.DEFAULT, "shop", "key:test"),
            new TaskSucceeded(
                new TaskKey(1, Role.SERVE, 1),
                "exec-1",
                new Json("{\"a\":1}"),
                Usage.ofTime(Duration.ofMillis(6))));
    byte[] bytes = EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class).encode(event);

    // When
    String line =
        EventPrinter.of(Topic.EXECUTIONS, true)
            .line(new ConsumerRecord<>("nexus.executions", 0, 7, "k", bytes));

    // Then
    JsonNode whole = CanonicalJson.read(line);
    assertThat(whole.path("at").asText()).isEqualTo("1970-01-01T00:00:00.000Z");
    assertThat(whole.at("/envelope/occurredAt").asText()).isEqualTo("1970-01-01T00:00:00.000Z");
    JsonNode shown = whole.path("event");
    assertThat(shown.at("/usage/workedMs").asInt()).isEqualTo(6);
    assertThat(shown.path("usage").has("worked")).isFalse();
    assertThat(shown.at("/output/a").asInt()).isOne();
  }
}
