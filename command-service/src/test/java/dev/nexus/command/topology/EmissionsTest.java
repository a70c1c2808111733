package dev.nexus.command.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.execution.ExecutionFold;
import dev.nexus.command.execution.ExecutionState;
import dev.nexus.command.execution.ExecutionState.Absent;
import dev.nexus.command.topology.Emissions.Occasion;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.Position;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.TurnTaken;
import dev.nexus.event.request.RequestEvent.Line;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EmissionsTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
  private static final ExecutionId EXECUTION = RouterFixture.execution("waits");
  private static final String OWN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final String OTHER = "00-1bf7651916cd43dd8448eb211c80319c-c7ad6b7169203331-01";

  private static Occasion occasion(UUID cause, String correlation, String trace) {
    Envelope envelope =
        RouterFixture.envelope(cause)
            .withExecution(EXECUTION)
            .causedBy(new UUID(7, 7), correlation, trace);
    return new Occasion(envelope, Position.NONE, AT);
  }

  /// Its turn comes by the end of another execution, which somebody else began.
  @Test
  void shouldKeepTheTraceOfAnExecutionWhenItsTurnComesByAnother() {
    // Given
    Line line = Line.of(RouterFixture.TENANT, RouterFixture.APP, "by-shop", "1");
    var accepted =
        new ExecutionAccepted(
            "echo", "d1", new Json("1"), "b", AT, ReplyAddress.NOBODY, "http", line);
    Event<ExecutionEvent> first =
        Emissions.fact(new Absent(), occasion(new UUID(0, 1), "own", OWN), accepted);
    ExecutionState waiting = ExecutionFold.apply(new Absent(), first);
    UUID turn = new UUID(0, 2);

    // When
    Envelope taken =
        Emissions.fact(waiting, occasion(turn, "other", OTHER), new TurnTaken(AT)).envelope();

    // Then
    assertThat(first.envelope().traceparent()).isEqualTo(OWN);
    assertThat(taken.traceparent()).isEqualTo(OWN);
    assertThat(taken.correlationId()).isEqualTo("own");
    assertThat(taken.causationId()).isEqualTo(turn.toString());
    assertThat(taken.sequence()).isEqualTo(2);
  }
}
