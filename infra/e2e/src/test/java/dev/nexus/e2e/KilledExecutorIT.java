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
import dev.nexus.testkit.FaultReport;
import dev.nexus.testkit.Scale;
import dev.nexus.testkit.Seeds;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What an executor had begun when it was killed is asked for again when its lease runs out, and
/// not before: as long as it lives, its heartbeats hold the lease.
class KilledExecutorIT {
  /// Longer than machines stand still: a heartbeat that was due before must not come too late.
  private static final Duration LEASE = Duration.ofSeconds(15);

  /// Who had not been told of that lease would wait for this long.
  private static final Duration USUAL_LEASE = Duration.ofSeconds(30);

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

  private static FaultReport report;

  @TempDir private Path data;

  @BeforeAll
  static void beginReport() throws IOException {
    report = new FaultReport("KilledExecutorIT");
  }

  @ParameterizedTest
  @MethodSource("dev.nexus.testkit.Seeds#ofRun")
  void shouldDoATaskAgainWithinTheLeaseOfItsKilledExecutor(long seed) throws Exception {
    Seeds.print("KilledExecutorIT", seed);
    Random random = new Random(seed);
    try (Platform platform = Platform.start(settings(), Progress.silent());
        LogCheck log = new LogCheck(platform)) {
      stopExecutors(platform);
      Set<String> accepted = new HashSet<>();
      for (int round = 1; round <= Scale.of(1); round++) {
        accepted.add(killAmidATask(platform, random, seed, round));
      }
      log.assertNothingLostOrTwice(accepted);
    }
  }

  /// Gives the execution whose task it was.
  private String killAmidATask(Platform platform, Random random, long seed, int round)
      throws Exception {
    // Given: a task that has been worked on for longer than a lease
    String kafka = platform.addresses().kafka();
    Process doomed = ExecutorProcess.endless(kafka, data.resolve("executor.log").toFile());
    PendingReply reply = ask(platform, "killed-executor-" + round);
    int heartbeats = random.nextInt(3, 5);
    try {
      Eventually.holds(
          () ->
              assertThat(outcomes(platform, reply.executionId()))
                  .filteredOn(WorkContinued.class::isInstance)
                  .hasSizeGreaterThan(heartbeats));
      TimeUnit.MILLISECONDS.sleep(random.nextLong(LEASE.toMillis() / 4)); // at any moment
    } finally {
      // When
      ExecutorProcess.kill(doomed);
    }
    Instant killed = Instant.now();
    assertThat(requests(platform, reply.executionId())).hasSize(1);

    // Then
    try (var _ = ExecutorProcess.open(kafka, "second", ECHO)) {
      assertThat(reply.await(Duration.ofMinutes(2)).orElseThrow())
          .isInstanceOf(ResultReplied.class);
    }
    report.add(
        "executor killed",
        Duration.ZERO,
        "its task done again after "
            + FaultReport.seconds(Duration.between(killed, Instant.now()))
            + " by another, of which its lease is "
            + FaultReport.seconds(LEASE),
        seed);
    List<Event<ExecutionEvent>> requests = requests(platform, reply.executionId());
    assertThat(requests)
        .extracting(fact -> ((TaskRequested) fact.body()).task().attempt())
        .containsExactly(1, 2);
    assertThat(requests.getLast().envelope().occurredAt()).isBefore(killed.plus(USUAL_LEASE));
    assertThat(facts(platform, reply.executionId()))
        .filteredOn(fact -> fact.body() instanceof TaskSucceeded)
        .singleElement()
        .satisfies(fact -> assertThat(((TaskSucceeded) fact.body()).task().attempt()).isEqualTo(2));
    return reply.executionId().toString();
  }

  private static PendingReply ask(Platform platform, String key) {
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
                Optional.of(key)));
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
