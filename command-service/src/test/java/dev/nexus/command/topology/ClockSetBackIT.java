package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.execution;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.SetClock;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.execution.ExecutionEvent.TaskStarted;
import dev.nexus.event.task.OutcomeEvent.WorkStarted;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.TaskKey;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A router that works by itself notices that its clock was set back, also when nothing comes.
class ClockSetBackIT {
  private static final TaskKey FIRST = new TaskKey(1, Role.SERVE, 1);
  private static final Duration LEASE = Duration.ofSeconds(10);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;

  @Test
  void shouldAskAgainForLostWorkAfterItsLeaseAndNotAfterTheStep() {
    // Given work under way whose executor is gone
    SetClock clock = new SetClock();
    ExecutionId lost = execution("lost");
    try (RouterFixture nexus = new RouterFixture(broker, BrokerAccess.OWN)) {
      nexus.publish();
      try (Router router = nexus.router(directory, Map.of(), clock)) {
        nexus.send(lost, request("1"));
        nexus.awaitTasks(1);
        nexus.report(lost, new WorkStarted(FIRST, "exec-1", LEASE));
        Eventually.holds(
            () -> assertThat(nexus.facts(lost)).hasAtLeastOneElementOfType(TaskStarted.class));

        // When
        clock.passes(Duration.ofHours(-1));

        // Then
        assertThat(nexus.awaitTasks(2))
            .extracting(task -> ((TaskAssigned) task.body()).task())
            .containsExactly(FIRST, FIRST.next());
        Eventually.holds(() -> assertThat(router.healthy()).isTrue());
      }
    }
  }
}
