package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.execution.Decision.Impossible;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.call.Visible;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Calls and their answers, over real HTTP, log and router.
class InvocationIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();
  @TempDir static Path data;

  private static final String COMPONENTS = "/v1/apps/orders/components/";
  private static final String ECHO = COMPONENTS + "echo/invoke";
  private static final String STUCK = COMPONENTS + "stuck/invoke";

  private static FrontDoor door;
  private static String key;

  @BeforeAll
  static void open() {
    door = new FrontDoor(BROKER, data);
    key = door.key("app:orders:invoke", "app:orders:apply", "app:orders:read", "app:*:invoke");
    assertThat(
            door.apply(key, "orders", Map.of("app_definition.yaml", FrontDoor.DEFINITION)).status())
        .isEqualTo(200);
  }

  @AfterAll
  static void close() {
    door.close();
  }

  @Test
  void shouldAnswerWithTheResultAndATokenThatNamesIt() {
    // When
    var answer = door.post(key, ECHO, "{\"text\": \"hello\", \"n\": 1}");

    // Then
    assertThat(answer.status()).describedAs(answer.toString()).isEqualTo(200);
    assertThat(answer.body().at("/output/text").asText()).isEqualTo("hello");
    assertThat(answer.body().at("/status").asText()).isEqualTo("succeeded");
    assertThat(answer.body().at("/tier").asText()).isEqualTo("builtin");
    var visible =
        door.bean(Tokens.class).verify(answer.body().at("/token").asText(), TenantId.DEFAULT);
    assertThat(visible)
        .get()
        .isInstanceOfSatisfying(
            Visible.ExecutionAt.class,
            at -> {
              assertThat(at.execution()).hasToString(answer.body().at("/executionId").asText());
              assertThat(at.sequence()).isGreaterThan(2);
            });
  }

  @Test
  void shouldAcceptWhenTheWaitRunsOut() {
    var answer = door.post(key, STUCK + "?wait=50ms", "{}");

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.body().at("/status").asText()).isEqualTo("running");
    assertThat(answer.response().headers().firstValue("Location"))
        .contains("/v1/executions/" + answer.body().at("/executionId").asText());
  }

  @Test
  void shouldGiveARepeatedKeyTheRecordedAnswer() {
    // Given
    var first = door.post(key, ECHO, "{\"text\": \"once\"}", "Idempotency-Key", "k1");

    // When
    var second = door.post(key, ECHO, "{ \"text\" : \"once\" }", "Idempotency-Key", "k1");
    var other = door.post(key, ECHO, "{\"text\": \"twice\"}", "Idempotency-Key", "k1");

    // Then
    assertThat(second.status()).isEqualTo(200);
    assertThat(second.body().at("/executionId")).isEqualTo(first.body().at("/executionId"));
    assertThat(second.body().at("/output/text").asText()).isEqualTo("once");
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.body().at("/type").asText()).endsWith("idempotency-key-reused");
  }

  @Test
  void shouldAnswerAFailedExecutionAsABadGateway() {
    var answer = door.post(key, COMPONENTS + "fail/invoke", "{}");

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.body().at("/type").asText()).isEqualTo("urn:nexus:problem:execution-failed");
    assertThat(answer.body().at("/detail").asText()).contains("it broke");
    assertThat(answer.body().has("executionId")).isTrue();
  }

  @Test
  void shouldAnswerATimeoutAsAGatewayTimeout() {
    var answer = door.post(key, STUCK + "?timeout=300ms", "{}");

    assertThat(answer.status()).describedAs(answer.toString()).isEqualTo(504);
  }

  /// No input is known on which a decision fails, so the test says what a router says then.
  @Test
  void shouldSayThatNothingCouldBeDecided() {
    // Given a call whose caller waits
    CompletableFuture<FrontDoor.Answer> call =
        CompletableFuture.supplyAsync(
            () -> door.post(key, STUCK + "?wait=60s", "{\"n\": 77}"),
            task -> Thread.ofVirtual().start(task));
    Event<RequestEvent> request =
        Eventually.value(
                () -> requests().filter(InvocationIT::isUndecided).findFirst(),
                Optional::isPresent,
                "the request")
            .orElseThrow();

    // When
    ReplyAddress caller = ((InvokeRequested) request.body()).replyTo();
    ExecutionId execution = request.envelope().execution();
    var envelope =
        Envelope.of(
                UUID.randomUUID(),
                request.envelope().occurredAt(),
                TenantId.DEFAULT,
                "orders",
                "service:router")
            .withExecution(execution);
    door.producer()
        .send(
            EventCodec.of(Topic.REPLIES, ReplyEvent.class),
            Topic.REPLIES,
            caller.replyPartition(),
            Keys.execution(TenantId.DEFAULT, execution),
            new Event<>(
                envelope,
                new RefusalReplied(
                    caller.replyInstance(), Impossible.CODE, "a decision failed: of a test")))
        .join();

    // Then
    var answer = call.join();
    assertThat(answer.status()).describedAs(answer.toString()).isEqualTo(500);
    assertThat(answer.body().at("/type").asText()).isEqualTo("urn:nexus:problem:impossible");
    assertThat(answer.body().at("/detail").asText()).contains("a decision failed: of a test");
  }

  private static Stream<Event<RequestEvent>> requests() {
    return BROKER.read(Topic.REQUESTS, RequestEvent.class).stream();
  }

  private static boolean isUndecided(Event<RequestEvent> request) {
    return request.body() instanceof InvokeRequested invoke
        && invoke.input().text().equals("{\"n\":77}");
  }

  @Test
  void shouldCancelARunningExecution() {
    // Given
    String id = door.post(key, STUCK + "?wait=0ms", "{}").body().at("/executionId").asText();

    // When
    var cancelled =
        door.post(key, "/v1/executions/" + id + "/cancel?wait=30s", "{\"reason\": \"enough\"}");
    var again = door.post(key, "/v1/executions/" + id + "/cancel?wait=30s", "");

    // Then
    assertThat(cancelled.status()).describedAs(cancelled.toString()).isEqualTo(200);
    assertThat(cancelled.body().at("/status").asText()).isEqualTo("cancelled");
    assertThat(again.status()).describedAs(again.toString()).isEqualTo(200);
  }

  @Test
  void shouldRefuseToCancelWhatHasEndedOrNeverWas() {
    // Given
    String id = door.post(key, ECHO, "{\"text\": \"x\"}").body().at("/executionId").asText();

    // Then
    assertThat(door.post(key, "/v1/executions/" + id + "/cancel?wait=30s", "").status())
        .isEqualTo(409);
    assertThat(
            door.post(key, "/v1/executions/" + new java.util.UUID(1, 1) + "/cancel?wait=30s", "")
                .status())
        .isEqualTo(404);
  }

  @Test
  void shouldKeepExecutionsOfAnApplicationFromKeysOfAnother() {
    // Given
    String id = door.post(key, STUCK + "?wait=0ms", "{}").body().at("/executionId").asText();
    String stranger = door.key("app:bills:invoke");
    String cancel = "/v1/executions/" + id + "/cancel?wait=30s";

    // Then
    assertThat(door.post(stranger, cancel, "").status()).isEqualTo(403);
    assertThat(door.post(stranger, cancel + "&app=orders", "").status()).isEqualTo(403);
    assertThat(door.post(stranger, cancel + "&app=bills", "").status()).isEqualTo(404);
    assertThat(door.post(door.key("app:orders:invoke"), cancel + "&app=orders", "").status())
        .isEqualTo(200);
  }

  @Test
  void shouldStreamEveryFactAndThenTheResult() {
    // When
    var answer =
        door.send(
            door.request(key, ECHO, "Accept", "text/event-stream")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"text\": \"live\"}"))
                .build());

    // Then
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.contentType()).startsWith("text/event-stream");
    String stream = answer.response().body();
    assertThat(stream)
        .contains("event: accepted", "event: ExecutionAccepted", "event: TaskSucceeded");
    assertThat(stream.indexOf("event: ExecutionSucceeded")).isPositive();
    assertThat(stream.indexOf("event: result"))
        .isGreaterThan(stream.indexOf("event: ExecutionSucceeded"));
    assertThat(stream).contains("\"output\":{\"text\":\"live\"}");
  }

  @Test
  void shouldRefuseAStreamAsAnyCall() {
    var answer =
        door.send(
            door.request(key, ECHO, "Accept", "text/event-stream")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build());

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.contentType()).startsWith("application/problem+json");
  }
}
