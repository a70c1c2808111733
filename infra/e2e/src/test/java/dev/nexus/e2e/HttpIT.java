package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The whole platform as a client sees it that speaks HTTP.
class HttpIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final String GREET = "/v1/apps/lab/components/greet/invoke";
  private static final IntakeHook HOOK = new IntakeHook(platform);

  @BeforeAll
  static void publish() throws IOException {
    platform.apply("lab");
    HOOK.publish();
    platform.apply("patient");
  }

  @Test
  void shouldAnswerAndShowACallerItsOwnWrite() {
    // When
    JsonNode answer = PlatformExtension.json(platform.post(GREET, "{\"name\": \"Ada\"}"), 200);
    JsonNode shown =
        PlatformExtension.json(
            platform.shown(
                "/v1/executions/" + answer.path("executionId").asText(),
                answer.path("token").asText(),
                platform.operatorKey()),
            200);

    // Then
    assertThat(answer.path("status").asText()).isEqualTo("succeeded");
    assertThat(answer.path("output").path("greeting").asText()).isEqualTo("Hello, Ada!");
    assertThat(shown.path("status").asText()).isEqualTo("SUCCEEDED");
    assertThat(shown.path("facts").findValuesAsText("type"))
        .startsWith("ExecutionAccepted")
        .endsWith("ExecutionSucceeded");
  }

  @Test
  void shouldAcceptAndSayWhereToLookWhenTheWaitIsOver() {
    // When
    HttpResponse<String> accepted =
        platform.post("/v1/apps/lab/components/late/invoke?wait=0s", "\"four\"");

    // Then
    JsonNode answer = PlatformExtension.json(accepted, 202);
    assertThat(answer.path("status").asText()).isEqualTo("running");
    String where = accepted.headers().firstValue("Location").orElseThrow();
    assertThat(where).isEqualTo("/v1/executions/" + answer.path("executionId").asText());
    Eventually.holds(
        () -> assertThat(platform.get(where).body()).contains("\"status\":\"FAILED\""));
  }

  @Test
  void shouldAnswerARepeatedCallFromTheRecordAndRefuseAnotherBody() {
    // Given
    JsonNode first = PlatformExtension.json(call(GREET, "{\"name\": \"Ada\"}", "http-1"), 200);

    // When
    HttpResponse<String> again = call(GREET, "{\"name\": \"Ada\"}", "http-1");
    HttpResponse<String> other = call(GREET, "{\"name\": \"Bob\"}", "http-1");

    // Then
    JsonNode repeated = PlatformExtension.json(again, 200);
    assertThat(repeated.path("executionId")).isEqualTo(first.path("executionId"));
    assertThat(repeated.path("output")).isEqualTo(first.path("output"));
    PlatformExtension.json(other, 422);
  }

  @Test
  void shouldStreamTheProgressOfACallUpToItsResult() {
    // When
    HttpResponse<String> stream =
        platform.send(
            "POST",
            GREET,
            platform.operatorKey(),
            "{\"name\": \"Ada\"}",
            List.of("Accept", "text/event-stream"));

    // Then
    assertThat(stream.statusCode()).isEqualTo(200);
    List<String> names =
        stream
            .body()
            .lines()
            .filter(line -> line.startsWith("event: "))
            .map(line -> line.substring("event: ".length()))
            .toList();
    assertThat(names)
        .startsWith("accepted")
        .containsSubsequence("ExecutionAccepted", "TaskSucceeded", "ExecutionSucceeded", "result")
        .endsWith("result");
    assertThat(stream.body()).contains("Hello, Ada!");
  }

  @Test
  void shouldKeepTheTruthThatACallerReports() {
    // Given
    JsonNode answer = PlatformExtension.json(platform.post(GREET, "{\"name\": \"Ada\"}"), 200);
    String execution = "/v1/executions/" + answer.path("executionId").asText();

    // When
    HttpResponse<String> reported =
        platform.post(execution + "/truth", "{\"output\": {\"greeting\": \"Good day, Ada\"}}");

    // Then
    PlatformExtension.json(reported, 202);
    Eventually.holds(
        () ->
            assertThat(platform.get(execution).body())
                .contains("TruthReported", "Good day, Ada", "\"status\":\"SUCCEEDED\""));
  }

  @Test
  void shouldCancelWhatRuns() {
    // Given
    HttpResponse<String> accepted =
        platform.post("/v1/apps/patient/components/number/invoke?wait=0s", "{}");
    String execution = accepted.headers().firstValue("Location").orElseThrow();

    // When
    HttpResponse<String> cancelled =
        platform.post(execution + "/cancel?wait=30s", "{\"reason\": \"no longer wanted\"}");

    // Then
    PlatformExtension.json(cancelled, 200);
    Eventually.holds(
        () ->
            assertThat(platform.get(execution).body())
                .contains("\"status\":\"CANCELLED\"", "no longer wanted"));
  }

  @Test
  void shouldRunWhatADeliveryOfGitHubStarts() {
    // Given
    String body = "{\"action\": \"opened\"}";

    // When
    HttpResponse<String> first = HOOK.deliver(body, "http-delivery");
    HttpResponse<String> again = HOOK.deliver(body, "http-delivery");

    // Then
    PlatformExtension.json(first, 202);
    PlatformExtension.json(again, 202);
    String id =
        ExecutionId.ofSource(
                TenantId.DEFAULT, "intake", "keep", "https://github.com/intake", "http-delivery")
            .toString();
    Eventually.holds(
        () -> {
          JsonNode shown = PlatformExtension.json(platform.get("/v1/executions/" + id), 200);
          assertThat(shown.path("status").asText()).isEqualTo("SUCCEEDED");
          assertThat(shown.toString()).contains("\"event\":\"issues\"", "opened");
        });
  }

  @Test
  void shouldRefuseAndAuditADeliveryWithAWrongSignature() {
    // When
    HttpResponse<String> refused = HOOK.deliver("{}", Deliveries.signature("{ }"), "forged");

    // Then
    PlatformExtension.json(refused, 401);
    assertThat(Denials.of(platform))
        .anySatisfy(
            denied -> {
              assertThat(denied.actor()).isEqualTo("integration:intake-github");
              assertThat(denied.denial().reason()).isEqualTo("wrong-signature");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/apps/lap/components/greet/invoke, lab",
    "/v1/apps/lab/components/great/invoke, greet"
  })
  void shouldNameTheNearestOfWhatIsUnknown(String path, String nearest) {
    // When
    JsonNode problem = PlatformExtension.json(platform.post(path, "{}"), 404);

    // Then
    assertThat(problem.path("nearest").valueStream().map(JsonNode::asText)).contains(nearest);
  }

  @Test
  void shouldPointAtWhatTheSchemaRefuses() {
    // When
    JsonNode problem =
        PlatformExtension.json(platform.post(GREET, "{\"name\": \"\", \"times\": 9}"), 422);

    // Then
    assertThat(problem.path("errors").findValuesAsText("pointer")).contains("/name", "/times");
    assertThat(problem.path("errors").get(0).path("expected").asText()).isNotEmpty();
    assertThat(problem.path("errors").get(0).path("found").asText()).isNotEmpty();
  }

  @Test
  void shouldSayHowLargeABodyMayBe() {
    // When
    HttpResponse<String> refused =
        platform.post(GREET, "{\"name\": \"" + "x".repeat(1_100_000) + "\"}");

    // Then
    assertThat(PlatformExtension.json(refused, 413).path("detail").asText())
        .contains("NEXUS_MAX_BODY_BYTES");
  }

  @Test
  void shouldAuditACallWithoutAKeyBeforeItIsRefused() {
    // When
    HttpResponse<String> refused = platform.send("POST", GREET, "", "{}", List.of());

    // Then
    PlatformExtension.json(refused, 401);
    assertThat(refused.headers().firstValue("WWW-Authenticate").orElse("")).startsWith("Bearer");
    assertThat(Denials.of(platform))
        .anySatisfy(
            denied -> {
              assertThat(denied.denial().action()).isEqualTo("POST " + GREET);
              assertThat(denied.denial().reason()).isEqualTo("no-key");
            });
  }

  @Test
  void shouldAuditACallBeyondTheScopesOfItsKeyBeforeItIsRefused() {
    // Given
    String key = platform.key("app:other:invoke");

    // When
    HttpResponse<String> refused = platform.send("POST", GREET, key, "{}", List.of());

    // Then
    PlatformExtension.json(refused, 403);
    assertThat(Denials.of(platform))
        .anySatisfy(
            denied -> {
              assertThat(denied.actor()).isEqualTo(Denials.actorOf(key));
              assertThat(denied.denial().resource()).isEqualTo("app:lab");
            });
  }

  @Test
  void shouldBeUnavailableToWhomItCannotRefuseInTheAudit() {
    // Given
    String key = platform.key("app:other:invoke");

    Denials.withoutAudit(
        platform,
        () -> {
          // Then: from the moment on that the broker knows
          Eventually.holds(() -> assertThat(statusFor("")).isEqualTo(503));
          assertThat(statusFor(key)).isEqualTo(503);
        });
    Eventually.holds(() -> assertThat(statusFor("")).isEqualTo(401));
  }

  private static int statusFor(String key) {
    return platform.send("POST", GREET, key, "{}", List.of()).statusCode();
  }

  private static HttpResponse<String> call(String path, String json, String idempotencyKey) {
    return platform.send(
        "POST", path, platform.operatorKey(), json, List.of("Idempotency-Key", idempotencyKey));
  }
}
