package dev.nexus.executor.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.definition.DefinitionEvent.VersionPublished;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.metric.MetricEvent;
import dev.nexus.event.metric.MetricEvent.TaskMeasured;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Lane;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.OutcomeEvent.WorkContinued;
import dev.nexus.event.task.OutcomeEvent.WorkDeoptimised;
import dev.nexus.event.task.OutcomeEvent.WorkFailed;
import dev.nexus.event.task.OutcomeEvent.WorkStarted;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Tier;
import dev.nexus.executor.Executor;
import dev.nexus.executor.Samples;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeRunner;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.dispatch.CatalogDefinitions;
import dev.nexus.executor.dispatch.Definitions;
import dev.nexus.executor.dispatch.Sandboxes;
import dev.nexus.executor.model.NoModel;
import dev.nexus.executor.wasm.WasmCode;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.Work;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Builtins and code, on a real broker.
class FastLaneIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofClass();

  private static final CodeRunner RUNNER =
      new Sandboxes(
          new WasmCode().warm(Language.JAVASCRIPT),
          _ -> new Failure(FailureClass.REFUSED, "no engine"));
  /// Longer than anything here takes, however slow the machine is.
  private static final Duration LONG = Duration.ofMinutes(2);

  private static final String ENDLESS = "function handle(i) { for (;;); }";
  private static final ApplicationDefinition SHOP =
      Samples.application(
          Samples.component("echo", HandlerType.BUILTIN, Map.of("function", "echo"), "{}"));
  private LaneStage stage;

  @BeforeEach
  void open() {
    stage = new LaneStage(broker);
  }

  @AfterEach
  void close() throws Exception {
    stage.close();
  }

  private static Work work(Definitions definitions) {
    return Executor.work(definitions, new NoModel(), RUNNER, (_, _) -> {}, "m");
  }

  private static AssignedTask candidate(String source) {
    return LaneStage.task(
        "echo", "{\"n\":1}", source, LaneStage.limits(Duration.ofMillis(600), LONG));
  }

  @Test
  void shouldAnswerABuiltinWithoutStarting() {
    stage.executor(work(Samples.definitions(SHOP)), Map.of());

    var echo = stage.assign(Lane.CODE, LaneStage.task("echo", "{\"a\":[1]}"));
    var code = stage.assign(Lane.CODE, candidate("function handle(i) { return i.n + 1; }"));
    var deopt = stage.assign(Lane.CODE, candidate("function handle(i) { deopt('n is ' + i.n); }"));

    // Code may be leased before it ends: the first call of a process has a guest to load.
    Eventually.holds(
        () -> {
          assertThat(stage.outcomesOf(echo)).isNotEmpty();
          assertThat(stage.outcomesOf(code))
              .last()
              .isInstanceOfSatisfying(
                  WorkSucceeded.class, s -> assertThat(s.output()).isEqualTo(new Json("2")));
          assertThat(stage.outcomesOf(deopt))
              .last()
              .isInstanceOfSatisfying(
                  WorkDeoptimised.class, d -> assertThat(d.reason()).isEqualTo("n is 1"));
        });
    assertThat(stage.outcomesOf(echo))
        .singleElement()
        .isInstanceOfSatisfying(
            WorkSucceeded.class, s -> assertThat(s.output()).isEqualTo(new Json("{\"a\":[1]}")));
  }

  @Test
  void shouldMeasureEachTaskOnce() {
    stage.executor(work(Samples.definitions(SHOP)), Map.of());
    var echo = stage.assign(Lane.CODE, LaneStage.task("echo", "1"));
    var coded = stage.assign(Lane.CODE, candidate("function handle(i) { deopt('x'); }"));
    List<String> both = LaneStage.executions(List.of(echo, coded));

    List<Event<MetricEvent>> metrics =
        Eventually.value(
            () ->
                stage.metrics().stream()
                    .filter(event -> both.contains(event.envelope().executionId()))
                    .toList(),
            found -> found.size() >= 2,
            "two measurements");

    assertThat(metrics)
        .extracting(e -> ((TaskMeasured) e.body()).tier(), e -> ((TaskMeasured) e.body()).result())
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(Tier.BUILTIN, "succeeded"),
            org.assertj.core.groups.Tuple.tuple(Tier.CODE, "deoptimised"));
    assertThat(metrics)
        .extracting(e -> e.envelope().eventId())
        .contains(coded.body().task().eventId(coded.execution(), "measured"));
  }

  @Test
  void shouldLetOthersPassWorkThatTakesLong() {
    stage.executor(work(Samples.definitions(SHOP)), Map.of("NEXUS_CODE_PERMITS", "2"));
    var endless =
        stage.assign(
            Lane.CODE,
            LaneStage.task(
                "echo",
                "{}",
                ENDLESS,
                LaneStage.limits(Duration.ofMillis(600), Duration.ofMinutes(10))));
    Eventually.holds(
        () -> assertThat(stage.outcomesOf(endless)).anyMatch(WorkContinued.class::isInstance));

    var echo = stage.assign(Lane.CODE, LaneStage.task("echo", "1"));

    Eventually.holds(() -> assertThat(stage.outcomesOf(echo)).hasSize(1));
    assertThat(stage.outcomesOf(endless))
        .hasAtLeastOneElementOfType(WorkStarted.class)
        .noneMatch(WorkFailed.class::isInstance);
    stage.cancel(endless);
  }

  @Test
  void shouldEndCodeThatTakesTooLong() {
    stage.executor(work(Samples.definitions(SHOP)), Map.of());
    var endless =
        stage.assign(
            Lane.CODE,
            LaneStage.task(
                "echo",
                "{}",
                ENDLESS,
                LaneStage.limits(Duration.ofMillis(600), Duration.ofSeconds(1))));
    Eventually.holds(
        () ->
            assertThat(stage.outcomesOf(endless))
                .last()
                .isInstanceOfSatisfying(
                    WorkFailed.class,
                    f -> assertThat(f.failure()).isEqualTo(FailureClass.TIMEOUT)));
    assertThat(stage.outcomesOf(endless).getFirst()).isInstanceOf(WorkStarted.class);
  }

  @Test
  void shouldSayNothingOfATaskAfterItsOutcome() {
    stage.executor(new NappingWork(), Map.of("NEXUS_CODE_PERMITS", "8"));
    var beating = LaneStage.limits(Duration.ofMillis(150), LONG);

    List<AssignedTask> tasks =
        IntStream.range(0, 200)
            .mapToObj(i -> LaneStage.task("echo", Integer.toString(40 + i), "", beating))
            .map(task -> stage.assign(Lane.CODE, task))
            .toList();

    Eventually.holds(() -> assertThat(stage.succeeded()).containsAll(LaneStage.executions(tasks)));
    assertThat(stage.outcomes())
        .extracting(Event::body)
        .hasAtLeastOneElementOfType(WorkContinued.class);
    Map<String, OutcomeEvent> last = new HashMap<>();
    stage.outcomes().forEach(e -> last.put(e.envelope().executionId(), e.body()));
    assertThat(last.values()).hasSize(200).hasOnlyElementsOfType(WorkSucceeded.class);
  }

  @Test
  void shouldAnswerEveryTaskOfAFlood() {
    List<AssignedTask> tasks =
        IntStream.range(0, 2_000)
            .mapToObj(i -> stage.assign(Lane.CODE, LaneStage.task("echo", Integer.toString(i))))
            .toList();

    stage.executor(work(Samples.definitions(SHOP)), Map.of());

    var outcomes =
        Eventually.value(stage::outcomes, found -> found.size() >= tasks.size(), "all outcomes");
    assertThat(outcomes).hasSize(tasks.size()).allMatch(e -> e.body() instanceof WorkSucceeded);
    assertThat(outcomes).extracting(e -> e.envelope().executionId()).doesNotHaveDuplicates();
  }

  @Test
  void shouldNotBeSlowedByTheMarkersOfTransactions() {
    stage.executor(work(Samples.definitions(SHOP)), Map.of());
    List<AssignedTask> tasks =
        IntStream.range(0, 100).mapToObj(i -> LaneStage.task("echo", Integer.toString(i))).toList();

    stage.assignInTransactions(Lane.CODE, tasks);

    // A marker that cost a poll of half a second would make this take almost a minute.
    Eventually.holds(
        () ->
            assertThat(stage.succeeded())
                .containsExactlyInAnyOrderElementsOf(LaneStage.executions(tasks)));
  }

  @Test
  void shouldPutUnreadableRecordsAsideAndGoOn() {
    stage.executor(work(Samples.definitions(SHOP)), Map.of());
    String lane = stage.clients().name(Topic.TASKS_CODE);
    stage.producer().send(new ProducerRecord<>(lane, "k", new byte[] {1, 2, 3})).join();
    stage.producer().send(new ProducerRecord<>(lane, "k", null)).join();

    var echo = stage.assign(Lane.CODE, LaneStage.task("echo", "1"));

    Eventually.holds(() -> assertThat(stage.outcomesOf(echo)).hasSize(1));
    assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 2))
        .extracting(e -> ((DeadLetterEvent.RecordDeadLettered) e.body()).originTopic())
        .containsOnly(lane);
  }

  @Test
  void shouldWaitForADefinitionThatIsOnItsWay() {
    try (var catalog =
        new DefinitionCatalog(stage.clients(), "test", stage.deadLetters()).start()) {
      stage.executor(work(new CatalogDefinitions(catalog, LONG)), Map.of());
      var echo = stage.assign(Lane.CODE, LaneStage.ofVersion("later", LaneStage.task("echo", "1")));
      Eventually.holds(
          () -> assertThat(stage.outcomesOf(echo)).anyMatch(WorkStarted.class::isInstance));

      publish("later");

      Eventually.holds(
          () -> assertThat(stage.outcomesOf(echo)).last().isInstanceOf(WorkSucceeded.class));
    }
  }

  @Test
  void shouldGiveUpOnADefinitionThatNeverComes() {
    try (var catalog =
        new DefinitionCatalog(stage.clients(), "test", stage.deadLetters()).start()) {
      stage.executor(work(new CatalogDefinitions(catalog, Duration.ofMillis(200))), Map.of());

      var echo = stage.assign(Lane.CODE, LaneStage.ofVersion("never", LaneStage.task("echo", "1")));

      Eventually.holds(
          () ->
              assertThat(stage.outcomesOf(echo))
                  .last()
                  .isInstanceOfSatisfying(
                      WorkFailed.class,
                      f -> {
                        assertThat(f.failure()).isEqualTo(FailureClass.INVALID_DEFINITION);
                        assertThat(f.detail()).contains("version never is not published here");
                      }));
    }
  }

  private void publish(String digest) {
    var envelope =
        Envelope.of(
            UUID.randomUUID(), Instant.now(), TenantId.DEFAULT, Samples.APP, "service:test");
    stage
        .producer()
        .send(
            EventCodec.of(Topic.DEFINITIONS, DefinitionEvent.class),
            Keys.version(TenantId.DEFAULT, Samples.APP, digest),
            new Event<>(envelope, new VersionPublished(digest, "rev", CanonicalJson.toJson(SHOP))))
        .join();
  }
}
