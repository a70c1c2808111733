package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.APP;
import static dev.nexus.command.topology.RouterFixture.DIGEST;
import static dev.nexus.command.topology.RouterFixture.TENANT;
import static dev.nexus.command.topology.RouterFixture.component;
import static dev.nexus.command.topology.RouterFixture.envelope;
import static dev.nexus.command.topology.RouterFixture.execution;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionReleased;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.RecordParked;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.reply.ReplyEvent.ProblemReplied;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.CancelRequested;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.ReleaseRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.request.RequestEvent.TruthSubmitted;
import dev.nexus.event.task.OutcomeEvent.WorkDeoptimised;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskEvent;
import dev.nexus.event.task.TaskEvent.TaskAssigned;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Records that are wrong, huge, foreign or impossible: they cost an execution or themselves, never
/// a partition.
@ParameterizedClass
@EnumSource(BrokerAccess.class)
class HardInputIT {
  private static final TaskKey SERVE = new TaskKey(1, Role.SERVE, 1);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private final BrokerAccess access;
  private RouterFixture nexus;

  HardInputIT(BrokerAccess access) {
    this.access = access;
  }

  @BeforeEach
  void begin() {
    nexus = new RouterFixture(broker, access);
  }

  @AfterEach
  void end() {
    nexus.close();
  }

  private static InvokeRequested request(String input, ReplyAddress replyTo) {
    return new InvokeRequested(
        "echo", DIGEST, new Json(input), NameIds.sha256(input), Duration.ZERO, replyTo, "http");
  }

  private void finish(String name) {
    nexus.send(execution(name), RouterFixture.request("1"));
    Eventually.holds(() -> assertThat(nexus.facts(execution(name))).hasSize(3));
    nexus.report(execution(name), new WorkSucceeded(SERVE, "exec-1", new Json("1"), Usage.NONE));
    Eventually.holds(() -> assertThat(nexus.facts(execution(name))).hasSize(5));
  }

  @Test
  void shouldDeadLetterARequestWhoseReplyWouldGoNowhere() {
    nexus.publish();
    try (Router router = nexus.router(directory, Map.of())) {
      // When
      nexus.send(execution("nowhere"), request("1", new ReplyAddress("api-9", 99)));
      nexus.send(execution("below"), request("1", new ReplyAddress("api-9", -7)));

      // Then
      broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 2);
      assertThat(nexus.facts(execution("nowhere"))).isEmpty();
      finish("neighbour");
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
  }

  @Test
  void shouldDeadLetterARequestOnAPartitionWhereItsKeyDoesNotBelong() {
    nexus.publish();
    try (Router router = nexus.router(directory, Map.of())) {
      // When
      ExecutionId execution = execution("astray");
      int wrong = (RouterFixture.partition(execution) + 1) % 4;
      nexus
          .producer()
          .send(
              EventCodec.of(Topic.REQUESTS, RequestEvent.class),
              Topic.REQUESTS,
              wrong,
              Keys.execution(TENANT, execution),
              new Event<>(
                  envelope(UUID.randomUUID()).withExecution(execution), RouterFixture.request("1")))
          .join();

      // Then
      broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 1);
      assertThat(nexus.facts(execution)).isEmpty();
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
  }

  @Test
  void shouldCarryTheLargestRequestAndAnswer() {
    nexus.publish();
    try (Router router = nexus.router(directory, Map.of())) {
      // Given
      String huge = "\"" + "x".repeat(4_100_000) + "\"";

      // When
      nexus.send(execution("huge"), RouterFixture.request(huge));
      var task = (TaskAssigned) nexus.awaitTasks(1).getFirst().body();
      nexus.report(execution("huge"), new WorkSucceeded(SERVE, "exec-1", task.input(), Usage.NONE));

      // Then
      var reply = (ResultReplied) nexus.awaitReplies(1).getFirst().body();
      assertThat(reply.output().text()).hasSize(huge.length());
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
  }

  @Test
  void shouldQuarantineAnExecutionWhoseFactsCannotBeAndReleaseIt(@TempDir Path fresh) {
    nexus.publish();
    try (Router router = nexus.router(directory, Map.of())) {
      nexus.send(execution("odd"), RouterFixture.request("1"));
      Eventually.holds(() -> assertThat(nexus.facts(execution("odd"))).hasSize(3));
      finish("neighbour");
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }

    // Given: a fact that no router has written
    nexus.writeFact(
        execution("odd"),
        new TaskSucceeded(new TaskKey(7, Role.SERVE, 1), "x", new Json("1"), Usage.NONE),
        4);

    // When
    try (Router router = nexus.router(fresh, Map.of())) {
      var told = (ProblemReplied) nexus.awaitReplies(2).getLast().body();
      assertThat(told.problem()).isEqualTo("quarantined");
      assertThat(nexus.facts(execution("odd")).getLast()).isInstanceOf(ExecutionQuarantined.class);
      assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 1)).hasSize(1);
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }

    // Then: it stands still over restarts, until it is released
    try (Router router = nexus.router(fresh, Map.of())) {
      nexus.send(execution("odd"), new ReleaseRequested(false, new ReplyAddress("api-2", 1)));
      Eventually.holds(
          () ->
              assertThat(nexus.facts(execution("odd")).getLast())
                  .isEqualTo(new ExecutionReleased(false)));
      nexus.report(execution("odd"), new WorkSucceeded(SERVE, "exec-1", new Json("1"), Usage.NONE));
      Eventually.holds(
          () ->
              assertThat(nexus.facts(execution("odd")).getLast())
                  .isInstanceOf(ExecutionSucceeded.class));
      assertThat(nexus.awaitReplies(4))
          .filteredOn(r -> r.body() instanceof ResultReplied)
          .extracting(r -> r.body().replyInstance())
          .containsOnly("api-1", "api-2");
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
  }

  @Test
  void shouldDecideOnNoMoreParkedNewsThanOneWriteHolds() {
    nexus.publish();
    try (Router router = nexus.router(directory, Map.of())) {
      // Given a quarantined execution for which more comes than that
      nexus.send(execution("odd"), RouterFixture.request("1"));
      nexus.awaitTasks(1);
      var never = new TaskKey(7, Role.SERVE, 1);
      nexus.report(execution("odd"), new WorkSucceeded(never, "x", new Json("1"), Usage.NONE));
      awaitFacts(ExecutionQuarantined.class, 1);
      Json huge = new Json("\"" + "x".repeat(2_500_000) + "\"");
      nexus.send(execution("odd"), new TruthSubmitted(huge));
      nexus.send(execution("odd"), new TruthSubmitted(huge));
      awaitFacts(RecordParked.class, 2);

      // When
      nexus.send(execution("odd"), new ReleaseRequested(true, ReplyAddress.NOBODY));

      // Then
      awaitFacts(TruthReported.class, 1);
      assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 2)).hasSize(2);
      finish("neighbour");
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
  }

  @Test
  void shouldSayWhichParkedNewsTheLogNoLongerHas() throws Exception {
    nexus.publish();
    try (Router router = nexus.router(directory, Map.of())) {
      // Given a quarantined execution, and news of it that was deleted by its age
      nexus.send(execution("odd"), RouterFixture.request("1"));
      nexus.awaitTasks(1);
      var never = new TaskKey(7, Role.SERVE, 1);
      nexus.report(execution("odd"), new WorkSucceeded(never, "x", new Json("1"), Usage.NONE));
      awaitFacts(ExecutionQuarantined.class, 1);
      nexus.send(execution("odd"), new TruthSubmitted(new Json("2")));
      awaitFacts(RecordParked.class, 1);
      deleteRequests();

      // When
      nexus.send(execution("odd"), new ReleaseRequested(true, ReplyAddress.NOBODY));

      // Then
      awaitFacts(ExecutionReleased.class, 1);
      assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 2))
          .extracting(letter -> (RecordDeadLettered) letter.body())
          .filteredOn(letter -> letter.reason().startsWith("was parked for the execution"))
          .singleElement()
          .satisfies(
              letter -> {
                assertThat(letter.originTopic()).isEqualTo(broker.clients().name(Topic.REQUESTS));
                assertThat(letter.reason()).contains(execution("odd").toString());
                assertThat(letter.originHeaders().text()).contains(DeadLetters.LEFT_OUT);
              });
      assertThat(nexus.facts(execution("odd"))).noneMatch(TruthReported.class::isInstance);
      finish("neighbour");
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
  }

  private static void deleteRequests() throws Exception {
    String topic = broker.clients().name(Topic.REQUESTS);
    try (Admin admin = broker.clients().admin()) {
      Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
      admin
          .describeTopics(List.of(topic))
          .allTopicNames()
          .get()
          .get(topic)
          .partitions()
          .forEach(
              p ->
                  all.put(
                      new TopicPartition(topic, p.partition()), RecordsToDelete.beforeOffset(-1)));
      admin.deleteRecords(all).all().get();
    }
  }

  private void awaitFacts(Class<? extends ExecutionEvent> type, int count) {
    Eventually.holds(
        () ->
            assertThat(nexus.facts(execution("odd"))).filteredOn(type::isInstance).hasSize(count));
  }

  @Test
  void shouldRefuseWhatAnotherApplicationAsks() {
    nexus.publish();
    try (Router router = nexus.router(directory, Map.of())) {
      // Given
      nexus.send(execution("ours"), RouterFixture.request("1"));
      nexus.awaitTasks(1);

      // When
      Envelope ours = envelope(UUID.randomUUID()).withExecution(execution("ours"));
      Envelope theirs =
          Envelope.of(ours.eventId(), ours.occurredAt(), TENANT, "billing", "key:b")
              .withExecution(execution("ours"));
      nexus
          .producer()
          .send(
              EventCodec.of(Topic.REQUESTS, RequestEvent.class),
              Keys.execution(TENANT, execution("ours")),
              new Event<>(theirs, new CancelRequested("mine", new ReplyAddress("api-2", 1))))
          .join();

      // Then
      var refusal = (RefusalReplied) nexus.awaitReplies(1).getFirst().body();
      assertThat(refusal.problem()).isEqualTo("not-found");
      assertThat(nexus.facts(execution("ours"))).hasSize(3);
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
  }

  @Test
  void shouldAnswerTheOneWhoCancelsAndNameTheExecutionsOwnApplication() {
    nexus.publish();
    try (Router router = nexus.router(directory, Map.of())) {
      // Given
      nexus.send(execution("c"), request("1", ReplyAddress.NOBODY));
      nexus.awaitTasks(1);

      // When: an operator, who speaks for no application
      Envelope anybody =
          Envelope.of(
                  UUID.randomUUID(), envelope(UUID.randomUUID()).occurredAt(), TENANT, "", "key:o")
              .withExecution(execution("c"));
      nexus
          .producer()
          .send(
              EventCodec.of(Topic.REQUESTS, RequestEvent.class),
              Keys.execution(TENANT, execution("c")),
              new Event<>(anybody, new CancelRequested("enough", new ReplyAddress("api-2", 1))))
          .join();

      // Then
      var answer = (ProblemReplied) nexus.awaitReplies(1).getFirst().body();
      assertThat(answer.problem()).isEqualTo("cancelled");
      assertThat(nexus.facts(execution("c")).getLast()).isEqualTo(new ExecutionCancelled("enough"));
      assertThat(broker.read(Topic.EXECUTIONS, ExecutionEvent.class))
          .extracting(f -> f.envelope().appId())
          .containsOnly(APP);
      assertThat(broker.await(Topic.TASK_CONTROL, TaskEvent.class, 1)).hasSize(1);
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
  }

  @Test
  void shouldLetTheModelAnswerWhatCodeDeclines() {
    // Given
    var prompt = component("echo", HandlerType.LLM);
    nexus.publish(DIGEST, prompt);
    nexus.route(prompt, 1000, 0);
    try (Router router = nexus.router(directory, Map.of())) {
      nexus.send(execution("d"), RouterFixture.request("1"));
      var code = (TaskAssigned) nexus.awaitTasks(1).getFirst().body();
      assertThat(code.source()).startsWith("function handle");

      // When
      nexus.report(
          execution("d"), new WorkDeoptimised(SERVE, "exec-1", "no repository", Usage.NONE));
      var model =
          (TaskAssigned) broker.await(Topic.TASKS_MODEL, TaskEvent.class, 1).getFirst().body();
      nexus.report(
          execution("d"), new WorkSucceeded(model.task(), "exec-1", new Json("1"), Usage.NONE));

      // Then
      assertThat(((ResultReplied) nexus.awaitReplies(1).getFirst().body()).tier())
          .isEqualTo(Tier.MODEL);
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
  }
}
