package dev.nexus.command.topology;

import static dev.nexus.command.topology.RouterFixture.execution;
import static dev.nexus.command.topology.RouterFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.execution.Truths;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionReleased;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.RecordParked;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.event.request.RequestEvent.ReleaseRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.request.RequestEvent.TruthSubmitted;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// The router on a real log: from request to reply, over restarts and bad records.
@ParameterizedClass
@EnumSource(BrokerAccess.class)
class RouterIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private final BrokerAccess access;
  private RouterFixture nexus;

  RouterIT(BrokerAccess access) {
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

  @Test
  void shouldCarryARequestToItsReply() {
    // Given
    nexus.publish();
    try (Router router = nexus.router(directory, Map.of())) {
      // When
      nexus.send(execution("a"), request("{\"n\":1}"));
      nexus.succeed(nexus.awaitTasks(1).getFirst());
      var reply = nexus.awaitReplies(1).getFirst();

      // Then
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
      assertThat(reply.body()).isInstanceOf(ResultReplied.class);
      assertThat(((ResultReplied) reply.body()).output()).isEqualTo(new Json("{\"n\":1}"));
      assertThat(nexus.facts(execution("a")))
          .extracting(f -> (Object) f.getClass())
          .containsExactly(
              ExecutionAccepted.class,
              StepStarted.class,
              TaskRequested.class,
              TaskSucceeded.class,
              ExecutionSucceeded.class);
    }
  }

  @Test
  void shouldAnswerARepeatedRequestAgainAlsoAfterARestart() {
    // Given
    nexus.publish();
    try (Router router = nexus.router(directory, Map.of())) {
      nexus.send(execution("a"), request("1"));
      nexus.succeed(nexus.awaitTasks(1).getFirst());
      nexus.awaitReplies(1);
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }

    // When
    try (Router router = nexus.router(directory, Map.of())) {
      nexus.send(execution("a"), request("1"));
      nexus.send(execution("a"), request("2"));
      var replies = nexus.awaitReplies(3);

      // Then
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
      assertThat(replies).filteredOn(r -> r.body() instanceof ResultReplied).hasSize(2);
      assertThat(replies)
          .filteredOn(r -> r.body() instanceof RefusalReplied)
          .singleElement()
          .satisfies(
              r ->
                  assertThat(((RefusalReplied) r.body()).problem())
                      .isEqualTo("idempotency-key-reused"));
      assertThat(nexus.facts(execution("a"))).hasSize(5);
    }
  }

  @Test
  void shouldFoldTheLogWhenItsShelfIsGone(@TempDir Path other) {
    // Given
    nexus.publish();
    try (Router router = nexus.router(directory, Map.of())) {
      nexus.send(execution("done"), request("1"));
      nexus.succeed(nexus.awaitTasks(1).getFirst());
      nexus.awaitReplies(1);
      nexus.send(execution("open"), request("2"));
      nexus.awaitTasks(2);
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }

    // When
    try (Router router = nexus.router(other, Map.of())) {
      nexus.send(execution("done"), request("1"));
      nexus.awaitReplies(2);
      nexus.awaitTasks(2).stream()
          .filter(t -> t.envelope().executionId().equals(execution("open").toString()))
          .forEach(nexus::succeed);
      nexus.awaitReplies(3);

      // Then
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
      assertThat(nexus.facts(execution("done"))).hasSize(5);
      assertThat(nexus.facts(execution("open"))).hasSize(5);
      assertThat(nexus.awaitTasks(2)).hasSize(2);
    }
  }

  @Test
  void shouldWaitForADefinitionThatHasNotArrived() {
    // Given
    try (Router router = nexus.router(directory, Map.of())) {
      nexus.send(execution("early"), request("1"));
      Eventually.holds(() -> assertThat(nexus.facts(execution("early"))).hasSize(1));

      // When
      nexus.publish();

      // Then
      assertThat(nexus.awaitTasks(1)).hasSize(1);
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
  }

  @Test
  void shouldQuarantineTheImpossibleAndFinishItsNeighbours() {
    // Given
    nexus.publish();
    int neighbours = 1_000;
    try (Router router = nexus.router(directory, Map.of())) {
      nexus.send(execution("odd"), request("0"));
      nexus.awaitTasks(1);

      // When
      nexus.report(
          execution("odd"),
          new OutcomeEvent.WorkSucceeded(
              new TaskKey(7, Role.SERVE, 1), "exec-1", new Json("1"), Usage.NONE));
      for (int i = 0; i < neighbours; i++) {
        nexus.sendLater(execution("n" + i), request("" + i));
      }
      nexus.awaitTasks(neighbours + 1).stream()
          .filter(t -> !t.envelope().executionId().equals(execution("odd").toString()))
          .forEach(
              t ->
                  nexus.reportLater(
                      t.envelope().execution(),
                      new OutcomeEvent.WorkSucceeded(
                          new TaskKey(1, Role.SERVE, 1), "exec-1", new Json("1"), Usage.NONE)));
      var replies = nexus.awaitReplies(neighbours + 1);

      // Then
      assertThat(replies).filteredOn(r -> r.body() instanceof ResultReplied).hasSize(neighbours);
      assertThat(nexus.facts(execution("odd")).getLast()).isInstanceOf(ExecutionQuarantined.class);
      assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 1)).hasSize(1);
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
  }

  @Test
  void shouldDecideOnWhatWasParkedWhenItsExecutionIsReleased(@TempDir Path second) {
    // Given: a quarantined execution whose work is done meanwhile
    nexus.publish();
    var odd = execution("odd");
    try (Router router = nexus.router(directory, Map.of())) {
      nexus.send(odd, request("1"));
      var task = nexus.awaitTasks(1).getFirst();
      nexus.report(
          odd,
          new OutcomeEvent.WorkSucceeded(
              new TaskKey(7, Role.SERVE, 1), "exec-1", new Json("1"), Usage.NONE));
      awaitFact(odd, ExecutionQuarantined.class, 1);
      nexus.send(odd, new TruthSubmitted(new Json("2")));
      awaitFact(odd, RecordParked.class, 1);
      nexus.succeed(task);
      awaitFact(odd, RecordParked.class, 2);
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }

    // When: by an owner that has nothing but the log
    try (Router router = nexus.router(second, Map.of())) {
      nexus.send(odd, new ReleaseRequested(false, new ReplyAddress("api-2", 1)));
      awaitFact(odd, ExecutionSucceeded.class, 1);
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
    nexus.send(execution("neighbour"), request("2"));

    // Then: nothing was asked for twice or decided again by the next owner
    try (Router router = nexus.router(directory, Map.of())) {
      assertThat(nexus.awaitTasks(2)).hasSize(2);
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
    assertThat(nexus.facts(odd))
        .endsWith(
            new ExecutionReleased(false),
            new TruthReported(new Json("2")),
            new TaskSucceeded(new TaskKey(1, Role.SERVE, 1), "exec-1", new Json("1"), Usage.NONE),
            new ExecutionSucceeded(new Json("1"), Tier.BUILTIN));
    assertThat(nexus.awaitReplies(3))
        .filteredOn(r -> r.body() instanceof ResultReplied)
        .extracting(r -> r.body().replyInstance())
        .containsExactlyInAnyOrder("api-1", "api-2");
    assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 1)).hasSize(1);
  }

  private void awaitFact(ExecutionId execution, Class<? extends ExecutionEvent> type, int count) {
    Eventually.holds(
        () -> assertThat(nexus.facts(execution)).filteredOn(type::isInstance).hasSize(count));
  }

  @Test
  void shouldDeadLetterUnreadableRecordsAndGoOn() {
    // Given
    nexus.publish();
    try (Router router = nexus.router(directory, Map.of())) {
      // When
      for (Topic topic : List.of(Topic.REQUESTS, Topic.OUTCOMES)) {
        nexus
            .producer()
            .send(
                new ProducerRecord<>(broker.clients().name(topic), 0, "junk", new byte[] {1, 2, 3}))
            .join();
        nexus
            .producer()
            .send(new ProducerRecord<>(broker.clients().name(topic), 0, null, null))
            .join();
      }
      for (int i = 0; i < 8; i++) {
        nexus.send(execution("after" + i), request("1"));
      }
      nexus.awaitTasks(8).forEach(nexus::succeed);

      // Then
      assertThat(nexus.awaitReplies(8)).hasSize(8);
      assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 4)).hasSize(4);
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
  }

  /// Whoever sends events may tell truths without end, about executions that are and that are not.
  @Test
  void shouldPutTruthsAsideThatItDoesNotTakeAndGoOn() {
    // Given
    nexus.publish();
    try (Router router = nexus.router(directory, Map.of())) {
      nexus.send(execution("a"), request("1"));
      nexus.succeed(nexus.awaitTasks(1).getFirst());
      nexus.awaitReplies(1);
      int facts = nexus.facts(execution("a")).size();

      // When
      int beyond = 20;
      for (int i = 0; i < Truths.MOST + beyond; i++) {
        nexus.send(execution("a"), new TruthSubmitted(new Json(Integer.toString(i))));
        nexus.send(execution("never" + i), new TruthSubmitted(new Json("1")));
      }
      var told = new ReplyAddress("api-1", 0);
      nexus.send(execution("a"), new TruthSubmitted(new Json("\"one more\""), told));

      // Then
      assertThat(nexus.awaitReplies(2))
          .extracting(reply -> reply.body())
          .filteredOn(RefusalReplied.class::isInstance)
          .singleElement()
          .satisfies(
              reply -> assertThat(((RefusalReplied) reply).problem()).isEqualTo("too-many-truths"));
      assertThat(nexus.facts(execution("a"))).hasSize(facts + Truths.MOST);
      int refused = Truths.MOST + 2 * beyond;
      assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, refused)).hasSize(refused);
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
  }

  @Test
  void shouldTakeTheTruthAboutAFinishedExecution() {
    // Given
    nexus.publish();
    try (Router router = nexus.router(directory, Map.of())) {
      nexus.send(execution("a"), request("1"));
      nexus.succeed(nexus.awaitTasks(1).getFirst());
      nexus.awaitReplies(1);

      // When
      nexus.send(execution("a"), new TruthSubmitted(new Json("2")));

      // Then
      Eventually.holds(
          () ->
              assertThat(nexus.facts(execution("a")).getLast())
                  .isEqualTo(new TruthReported(new Json("2"))));
      Eventually.holds(() -> assertThat(router.healthy()).isTrue());
    }
  }
}
