package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.OutcomeEvent.WorkContinued;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.Work;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.platform.call.Call;
import dev.nexus.platform.call.ExecutionCaller;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.call.PendingReply;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.standalone.run.Platform;
import dev.nexus.standalone.run.Progress;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an executor had begun when it was killed is asked for again when its lease runs out, and
/// not before: as long as it lives, its heartbeats hold the lease.
class KilledExecutorIT {
  private static final Duration LEASE = Duration.ofSeconds(2);

  /// For the router to look, and for the clocks of this test.
  private static final Duration MARGIN = Duration.ofSeconds(3);

  private static final Work ECHO =
      new Work() {
        @Override
        public WorkResult perform(AssignedTask task) {
          return new WorkResult.Succeeded(task.body().input(), Usage.NONE);
        }

        @Override
        public boolean isInstant(AssignedTask task) {
          return false;
        }

        @Override
        public Tier tier(AssignedTask task) {
          return Tier.MODEL;
        }
      };

  @TempDir private Path data;

  @Test
  void shouldDoATaskAgainWithinTheLeaseOfItsKilledExecutor() throws Exception {
    try (Platform platform = Platform.start(settings(), Progress.silent())) {
      // Given: a task that has been worked on for longer than a lease
      stopExecutors(platform);
      String kafka = platform.addresses().kafka();
      Process doomed = ExecutorProcess.endless(kafka, data.resolve("executor.log").toFile());
      PendingReply reply = ask(platform);
      try {
        Eventually.holds(
            Duration.ofSeconds(60),
            () ->
                assertThat(outcomes(platform, reply.executionId()))
                    .filteredOn(WorkContinued.class::isInstance)
                    .hasSizeGreaterThan(4));
      } finally {
        // When
        ExecutorProcess.kill(doomed);
      }
      Instant killed = Instant.now();
      assertThat(requests(platform, reply.executionId())).hasSize(1);

      // Then
      try (var _ = ExecutorProcess.open(kafka, "second", ECHO)) {
        assertThat(reply.await(Duration.ofSeconds(60)).orElseThrow())
            .isInstanceOf(ResultReplied.class);
      }
      List<Event<ExecutionEvent>> requests = requests(platform, reply.executionId());
      assertThat(requests)
          .extracting(fact -> ((TaskRequested) fact.body()).task().attempt())
          .containsExactly(1, 2);
      assertThat(requests.getLast().envelope().occurredAt())
          .isBefore(killed.plus(LEASE).plus(MARGIN));
      assertThat(facts(platform, reply.executionId()))
          .filteredOn(fact -> fact.body() instanceof TaskSucceeded)
          .singleElement()
          .satisfies(
              fact -> assertThat(((TaskSucceeded) fact.body()).task().attempt()).isEqualTo(2));
    }
  }

  private static PendingReply ask(Platform platform) {
    var version =
        platform
            .context()
            .getBean(DefinitionCatalog.class)
            .current(TenantId.DEFAULT, "nexus.oracle")
            .orElseThrow();
    return platform
        .context()
        .getBean(ExecutionCaller.class)
        .invoke(
            new Call(
                new Origin(TenantId.DEFAULT, "service:test", "http", ""),
                "nexus.oracle",
                "synthesize",
                version.digest(),
                new Json("{\"source\":\"\"}"),
                Duration.ofMinutes(5),
                Optional.of("killed-executor")));
  }

  private static void stopExecutors(Platform platform) {
    platform.context().getBeansOfType(NexusService.class).stream()
        .filter(service -> service.name().startsWith("lane-"))
        .forEach(NexusService::close);
  }

  private static List<Event<ExecutionEvent>> requests(Platform platform, ExecutionId execution) {
    return facts(platform, execution).stream()
        .filter(fact -> fact.body() instanceof TaskRequested)
        .toList();
  }

  private static List<Event<ExecutionEvent>> facts(Platform platform, ExecutionId execution) {
    return read(platform, EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class), execution);
  }

  private static List<OutcomeEvent> outcomes(Platform platform, ExecutionId execution) {
    return read(platform, EventCodec.of(Topic.OUTCOMES, OutcomeEvent.class), execution).stream()
        .map(Event::body)
        .toList();
  }

  private static <E> List<Event<E>> read(
      Platform platform, EventCodec<E> codec, ExecutionId execution) {
    return new TopicReader(new KafkaClients(platform.settings()))
        .read(codec.topic(), codec).stream()
            .filter(event -> event.envelope().executionId().equals(execution.toString()))
            .toList();
  }

  private Settings settings() {
    return Settings.of(
        Map.of(
            "NEXUS_DATA_DIR", data.resolve("platform").toString(),
            "NEXUS_HTTP_PORT", "0",
            "NEXUS_GRPC_PORT", "0",
            "NEXUS_KAFKA_PORT", "0",
            "NEXUS_LEASE", LEASE.toSeconds() + "s"));
  }
}
