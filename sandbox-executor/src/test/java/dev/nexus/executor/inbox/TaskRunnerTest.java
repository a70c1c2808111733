package dev.nexus.executor.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Tier;
import dev.nexus.executor.Samples;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.Work;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Failed;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskRunnerTest {
  /// Work that goes too deep.
  private static final class DeepWork implements Work {
    @Override
    public WorkResult perform(AssignedTask task) {
      throw new StackOverflowError("of a test");
    }

    @Override
    public boolean isInstant(AssignedTask task) {
      return true;
    }

    @Override
    public Tier tier(AssignedTask task) {
      return Tier.BUILTIN;
    }
  }

  /// Thrown on, it would end the reading of the lane, and the task would come again and again.
  @Test
  void shouldFailWorkThatGoesTooDeep() {
    // Given
    var clients = new KafkaClients(Map.of("bootstrap.servers", "localhost:1"), "");
    Clock clock = Clock.systemUTC();
    try (var producer = new EventProducer(clients, "runner");
        var leases = new LeaseKeeper(new Outcomes(producer, new InstanceId("one"), clock));
        var meter = new TaskMeter(clients, "one", new SimpleMeterRegistry(), clock)) {
      var runner = new TaskRunner(new DeepWork(), new RunningTasks(), leases, meter, clock);

      // When
      WorkResult result = runner.runInstant(Samples.task("any", "{}"));

      // Then
      assertThat(result)
          .isInstanceOfSatisfying(
              Failed.class, failed -> assertThat(failed.failure()).isEqualTo(FailureClass.CRASH));
    }
  }
}
