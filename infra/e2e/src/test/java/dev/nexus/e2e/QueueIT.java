package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.platform.call.Call;
import dev.nexus.platform.call.ExecutionCaller;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.Seeds;
import dev.nexus.testkit.TopicCursor;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Tasks that wait behind a stopped executor are neither lost nor done twice to effect.
class QueueIT {
  private static final Duration LEASE = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /// A lease begins when work begins, so a queue may be longer than it.
  @Nested
  class LongerThanLeases {
    @RegisterExtension
    static final PlatformExtension platform =
        PlatformExtension.ofClass(Map.of("NEXUS_LEASE", LEASE.toMillis() + "ms"));

    private static final int TASKS = Seeds.SOAK ? 10_000 : 2_000;

    @Test
    void shouldEndEveryTaskOnceAndAskForNoneAgain() throws Exception {
      // Given
      Set<String> accepted = queue(platform, TASKS);
      try (Tally waiting = new Tally(platform)) {
        Eventually.holds(PATIENCE, () -> assertThat(waiting.read().asked()).hasSize(TASKS));
        Eventually.stays(
            LEASE.multipliedBy(3), () -> assertThat(waiting.read().finished()).isEmpty());
      }

      // When
      platform.restart();

      // Then
      try (Tally tally = new Tally(platform)) {
        Eventually.holds(
            PATIENCE, () -> assertThat(tally.read().finished().keySet()).isEqualTo(accepted));
        assertThat(tally.finished().values()).containsOnly(1);
        assertThat(tally.done().values()).hasSize(TASKS).containsOnly(1);
        assertThat(tally.asked().values()).hasSize(TASKS).containsOnly(1);
      }
    }
  }

  /// What nobody starts in time is asked for again; what came too late is not done.
  @Nested
  class LongerThanTheQueueLimit {
    @RegisterExtension
    static final PlatformExtension platform =
        PlatformExtension.ofClass(
            Map.of("NEXUS_LEASE", LEASE.toMillis() + "ms", "NEXUS_QUEUE_LIMIT", "2s"));

    private static final int TASKS = 500;

    @Test
    void shouldEndEveryTaskOnceThatWasAskedForAgain() throws Exception {
      // Given
      Set<String> accepted = queue(platform, TASKS);
      try (Tally waiting = new Tally(platform)) {
        Eventually.holds(
            PATIENCE,
            () ->
                assertThat(waiting.read().asked().values())
                    .hasSize(TASKS)
                    .allMatch(times -> times > 1));
        assertThat(waiting.finished()).isEmpty();
      }

      // When
      platform.restart();

      // Then
      try (Tally tally = new Tally(platform)) {
        Eventually.holds(
            PATIENCE, () -> assertThat(tally.read().finished().keySet()).isEqualTo(accepted));
        assertThat(tally.finished().values()).containsOnly(1);
        assertThat(tally.done().values()).hasSize(TASKS).containsOnly(1);
      }
    }
  }

  /// How often each execution's task was asked for and done, and how often it ended.
  private static final class Tally implements AutoCloseable {
    private final EventCodec<ExecutionEvent> codec =
        EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
    private final TopicCursor cursor;
    private final Map<String, Integer> asked = new HashMap<>();
    private final Map<String, Integer> done = new HashMap<>();
    private final Map<String, Integer> finished = new HashMap<>();

    Tally(PlatformExtension platform) {
      cursor = new TopicCursor(new KafkaClients(platform.platform().settings()), Topic.EXECUTIONS);
    }

    /// Counts what is new on the log.
    Tally read() {
      cursor.next().forEach(record -> count(codec.decode(record.value())));
      return this;
    }

    private void count(Event<ExecutionEvent> fact) {
      String execution = fact.envelope().executionId();
      if (fact.body() instanceof TaskRequested) {
        asked.merge(execution, 1, Integer::sum);
      } else if (fact.body() instanceof TaskSucceeded) {
        done.merge(execution, 1, Integer::sum);
      } else if (fact.body() instanceof ExecutionSucceeded) {
        finished.merge(execution, 1, Integer::sum);
      }
    }

    Map<String, Integer> asked() {
      return asked;
    }

    Map<String, Integer> done() {
      return done;
    }

    Map<String, Integer> finished() {
      return finished;
    }

    @Override
    public void close() {
      cursor.close();
    }
  }

  /// Stops the executors, then has this many executions accepted; gives their ids.
  private static Set<String> queue(PlatformExtension platform, int tasks)
      throws ExecutionException, InterruptedException {
    platform.apply("lab");
    platform.platform().services().services().stream()
        .filter(service -> service.name().startsWith("lane-"))
        .forEach(NexusService::close);
    var context = platform.platform().context();
    var caller = context.getBean(ExecutionCaller.class);
    var version =
        context.getBean(DefinitionCatalog.class).current(TenantId.DEFAULT, "lab").orElseThrow();
    Origin origin = new Origin(TenantId.DEFAULT, "service:test", "http", "");
    Set<String> accepted = new HashSet<>();
    try (var callers = Executors.newFixedThreadPool(32)) {
      List<Future<ExecutionId>> sent = new ArrayList<>();
      for (int i = 0; i < tasks; i++) {
        Call call =
            new Call(
                origin,
                "lab",
                "echo",
                version.digest(),
                new Json("{\"task\":" + i + "}"),
                Duration.ofMinutes(5),
                Optional.of("task-" + i));
        sent.add(callers.submit(() -> caller.submit(call)));
      }
      for (Future<ExecutionId> future : sent) {
        accepted.add(future.get().toString());
      }
    }
    return accepted;
  }
}
