package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.execution.Truths;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionReleased;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.call.Visible.ExecutionAt;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What can be asked of an execution that exists, over real HTTP, log and router: cancel, release,
/// discard, truth.
class ExecutionCommandsIT {
  private static final TaskKey SERVE = new TaskKey(1, Role.SERVE, 1);

  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();
  @TempDir static Path data;

  private static FrontDoor door;
  private static String key;

  @BeforeAll
  static void open() {
    door = new FrontDoor(BROKER, data);
    key = door.key("operator", "app:*:invoke", "app:*:apply");
    assertThat(
            door.apply(key, "orders", Map.of("app_definition.yaml", FrontDoor.DEFINITION)).status())
        .isEqualTo(200);
  }

  @AfterAll
  static void close() {
    door.close();
  }

  @Test
  void shouldNameTheFactThatCancelsInTheToken() {
    // Given
    String id = running();

    // When
    var answer = ask(id, "cancel", "{\"reason\": \"enough\"}");

    // Then
    assertThat(answer.status()).describedAs(answer.toString()).isEqualTo(200);
    assertThat(answer.body().at("/status").asText()).isEqualTo("cancelled");
    assertThat(sequence(answer)).isEqualTo(facts(id).size());
  }

  @Test
  void shouldRefuseToCancelWhatIsQuarantinedOrHasEnded() {
    // Given
    String id = running();
    quarantine(id);

    // When
    var held = ask(id, "cancel", "");
    ask(id, "release", "{\"discard\": true}");
    var late = ask(id, "cancel", "");

    // Then
    assertThat(held.status()).describedAs(held.toString()).isEqualTo(503);
    assertThat(late.status()).describedAs(late.toString()).isEqualTo(409);
    assertThat(late.body().at("/type").asText()).isEqualTo("urn:nexus:problem:finished");
  }

  @Test
  void shouldDiscardAQuarantinedExecution() {
    // Given
    String id = running();
    quarantine(id);

    // When
    var answer = ask(id, "release", "{\"discard\": true}");

    // Then
    assertThat(answer.status()).describedAs(answer.toString()).isEqualTo(200);
    assertThat(answer.body().at("/status").asText()).isEqualTo("discarded");
    assertThat(facts(id).getLast()).isEqualTo(new ExecutionReleased(true));
    assertThat(sequence(answer)).isEqualTo(facts(id).size());
    assertThat(ask(id, "release", "{}").status()).isEqualTo(409);
  }

  @Test
  void shouldTakeNothingButTrueAndFalseForDiscard() {
    // Given
    String id = running();
    quarantine(id);

    // When
    var refused = ask(id, "release", "{\"discard\": \"yes\"}");

    // Then
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.body().at("/errors/0/pointer").asText()).isEqualTo("/discard");
    assertThat(facts(id).getLast()).isInstanceOf(ExecutionQuarantined.class);
  }

  @Test
  void shouldSayThatAReleasedExecutionGoesOn() {
    // Given
    String id = running();
    quarantine(id);

    // When
    var answer = ask(id, "release?wait=100ms", "");

    // Then
    assertThat(answer.status()).describedAs(answer.toString()).isEqualTo(202);
    assertThat(answer.body().at("/status").asText()).isEqualTo("releasing");
    assertThat(answer.body().has("token")).isFalse();
    awaitFact(id, ExecutionReleased.class);
  }

  @Test
  void shouldTellHowAReleasedExecutionEndedWhenItDoesWhileItsReleaserWaits() throws Exception {
    // Given
    String id = running();
    quarantine(id);

    // When
    var asked = CompletableFuture.supplyAsync(() -> ask(id, "release?wait=30s", "{}"));
    awaitFact(id, ExecutionReleased.class);
    report(id, new WorkSucceeded(SERVE, "test", new Json("7"), Usage.NONE));
    var answer = asked.get();

    // Then
    assertThat(answer.status()).describedAs(answer.toString()).isEqualTo(200);
    assertThat(answer.body().at("/status").asText()).isEqualTo("released");
    assertThat(answer.body().at("/end").asText()).isEqualTo("succeeded");
    assertThat(sequence(answer)).isEqualTo(facts(id).size());
  }

  @Test
  void shouldRefuseToReleaseWhatIsNotQuarantinedOrNeverWas() {
    assertThat(ask(running(), "release", "{}").status()).isEqualTo(409);
    assertThat(ask(UUID.randomUUID().toString(), "release", "{}").status()).isEqualTo(404);
    assertThat(ask("seven", "release", "{}").status()).isEqualTo(404);
    assertThat(
            door.post(
                    door.key("app:orders:invoke"), "/v1/executions/" + running() + "/release", "{}")
                .status())
        .isEqualTo(403);
  }

  @Test
  void shouldRecordTheTruthOfARunningAndOfAFinishedExecution() {
    // Given
    String open = running();
    String done =
        door.post(key, "/v1/apps/orders/components/echo/invoke", "{\"text\": \"a\"}")
            .body()
            .at("/executionId")
            .asText();

    for (String id : List.of(open, done)) {
      // When
      var answer = ask(id, "truth", "{\"output\": {\"text\": \"b\"}}");

      // Then
      assertThat(answer.status()).describedAs(answer.toString()).isEqualTo(202);
      assertThat(answer.body().at("/status").asText()).isEqualTo("reported");
      assertThat(answer.body().at("/token").asText()).isNotEmpty();
      awaitFact(id, TruthReported.class);
    }
    assertThat(ask(open, "truth", "{}").status()).isEqualTo(400);
    assertThat(ask(open, "truth", "{\"outptu\": 1}").body().at("/errors/0/nearest/0").asText())
        .isEqualTo("output");
  }

  /// Else a key for one application could stop the partition, and all who have a part in it.
  @Test
  void shouldRefuseMoreTruthsThanAnExecutionTakes() {
    // Given
    String id = running();
    for (int i = 0; i < Truths.MOST; i++) {
      assertThat(ask(id, "truth", "{\"output\": {\"text\": \"" + i + "\"}}").status())
          .isEqualTo(202);
    }
    int facts = facts(id).size();

    // When
    var repeated = ask(id, "truth", "{\"output\": {\"text\": \"" + (Truths.MOST - 1) + "\"}}");
    var another = ask(id, "truth", "{\"output\": {\"text\": \"one more\"}}");

    // Then
    assertThat(repeated.status()).isEqualTo(202);
    assertThat(another.status()).isEqualTo(409);
    assertThat(another.body().at("/type").asText()).isEqualTo("urn:nexus:problem:too-many-truths");
    assertThat(another.body().at("/detail").asText()).contains("100 at most");
    assertThat(facts(id)).hasSize(facts);
  }

  @Test
  void shouldRefuseTheTruthOfAnExecutionThatThereIsNot() {
    assertThat(ask(UUID.randomUUID().toString(), "truth", "{\"output\": 1}").status())
        .isEqualTo(404);
    assertThat(BROKER.read(Topic.DEAD_LETTERS, DeadLetterEvent.class))
        .noneMatch(letter -> letter.body().toString().contains("truth was reported"));
  }

  /// Waits for as long as it takes, where it is not said for how long.
  private static FrontDoor.Answer ask(String id, String what, String body) {
    String wait = what.contains("?") ? "" : "?wait=30s";
    return door.post(key, "/v1/executions/" + id + "/" + what + wait, body);
  }

  /// An execution that waits for an executor which never answers.
  private static String running() {
    String id =
        door.post(key, "/v1/apps/orders/components/stuck/invoke?wait=0ms", "{}")
            .body()
            .at("/executionId")
            .asText();
    Eventually.holds(() -> assertThat(facts(id)).hasSizeGreaterThan(2));
    return id;
  }

  /// Reports what cannot be.
  private static void quarantine(String id) {
    var never = new TaskKey(7, Role.SERVE, 1);
    report(id, new WorkSucceeded(never, "test", new Json("1"), Usage.NONE));
    awaitFact(id, ExecutionQuarantined.class);
  }

  private static void report(String id, OutcomeEvent outcome) {
    ExecutionId execution = ExecutionId.parse(id);
    var envelope =
        Envelope.of(
                UUID.randomUUID(),
                Instant.ofEpochMilli(System.currentTimeMillis()),
                TenantId.DEFAULT,
                "orders",
                "service:test")
            .withExecution(execution);
    door.producer()
        .send(
            EventCodec.of(Topic.OUTCOMES, OutcomeEvent.class),
            Keys.execution(TenantId.DEFAULT, execution),
            new Event<>(envelope, outcome))
        .join();
  }

  private static void awaitFact(String id, Class<? extends ExecutionEvent> type) {
    Eventually.holds(() -> assertThat(facts(id)).hasAtLeastOneElementOfType(type));
  }

  private static List<ExecutionEvent> facts(String id) {
    return BROKER.read(Topic.EXECUTIONS, ExecutionEvent.class).stream()
        .filter(e -> e.envelope().executionId().equals(id))
        .map(Event::body)
        .toList();
  }

  private static long sequence(FrontDoor.Answer answer) {
    return door.bean(Tokens.class)
        .verify(answer.body().at("/token").asText(), TenantId.DEFAULT)
        .map(visible -> ((ExecutionAt) visible).sequence())
        .orElseThrow();
  }
}
