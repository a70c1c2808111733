package dev.nexus.event.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Position;
import dev.nexus.event.TenantId;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Golden ids, computed by another program. Whoever tells a span again, and whoever names it to a
/// model, may be of another version: a change here would make two spans of one.
class SpanIdsTest {
  private static final String EXECUTION = "01890a5d-ac96-774b-bcce-b302099a8057";
  private static final TaskKey TASK = new TaskKey(1, Role.SERVE, 2);

  @Test
  void shouldNameTheSpansOfAnExecutionTheSameForEver() {
    assertThat(SpanIds.ofExecution(EXECUTION)).isEqualTo("46a1156c78895602");
    assertThat(SpanIds.ofAcceptance(EXECUTION)).isEqualTo("54d0f35c6d9e5bfa");
    assertThat(SpanIds.ofTask(EXECUTION, TASK)).isEqualTo("383b7703e653502a");
    assertThat(SpanIds.ofWork(EXECUTION, TASK)).isEqualTo("aa9e01ba434854dc");
    assertThat(SpanIds.ofChat(EXECUTION, TASK)).isEqualTo("e0b59fc4f2435b4e");
  }

  @Test
  void shouldNameTheSpansOfAnOutsideEventTheSameForEver() {
    var envelope =
        new Envelope(
            UUID.fromString(EXECUTION),
            Instant.EPOCH,
            TenantId.DEFAULT,
            "shop",
            "",
            0,
            "",
            "a correlation",
            "key:a",
            "",
            Position.NONE);
    assertThat(SpanIds.ofEvent(envelope)).isEqualTo("c1928af08e91514b");
    assertThat(SpanIds.ofVerdict(envelope)).isEqualTo("3b3821189b8a5e3d");
  }

  @Test
  void shouldNameEveryAttemptApart() {
    assertThat(SpanIds.ofChat(EXECUTION, TASK.next()))
        .isNotEqualTo(SpanIds.ofChat(EXECUTION, TASK));
  }
}
