package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.TaskFailed;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FactJsonTest {
  private static final Instant FULL_SECOND = Instant.parse("2026-11-20T08:00:00Z");

  @Test
  void shouldGiveTimesTheirMilliseconds() {
    // Given
    var fact =
        new Event<ExecutionEvent>(
            Envelope.of(new UUID(1, 1), FULL_SECOND, TenantId.DEFAULT, "shop", "key:test"),
            new TaskFailed(
                new TaskKey(1, Role.SERVE, 1),
                "exec-1",
                FailureClass.UPSTREAM,
                "HTTP 503",
                FULL_SECOND.plusSeconds(1),
                Usage.NONE));

    // When
    JsonNode shown = CanonicalJson.read(FactJson.write(fact));

    // Then
    assertThat(shown.path("occurredAt").asText()).isEqualTo("2026-11-20T08:00:00.000Z");
    assertThat(shown.at("/body/retryAt").asText()).isEqualTo("2026-11-20T08:00:01.000Z");
  }
}
