package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.FaultReport;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The clock is set to days and weeks ahead, beyond everything that is kept for a time, and right
/// again: what is forgotten then is forgotten for good, and nothing is done twice for it.
class ClockStepsIT {
  private static final Duration KEPT = Duration.ofDays(10);

  /// Longer than copies of an event are recognised.
  private static final Duration BEYOND_THE_WINDOW = Duration.ofDays(8);

  private static final SteppedClock clock = new SteppedClock();

  @RegisterExtension
  static final PlatformExtension platform =
      PlatformExtension.ofClass(Map.of("NEXUS_FINISHED_KEPT", KEPT.toDays() + "d"), clock);

  private static final String DEFINITION =
      """
      appId: steps
      components:
        - {componentId: keep, handlerType: BUILTIN, taskDetails: {function: echo}}
        - componentId: put-off
          handlerType: JIT
          timeout: 24h
          retry: {maxAttempts: 3, initialBackoff: 10m, maxBackoff: 10m}
          taskDetails: {script: work}
          outputSchema: {type: string}
      integrations:
        - {integrationId: steps, source: "urn:steps"}
      triggers:
        - {triggerId: told, eventType: com.example.told, component: keep}
      """;

  private static FaultReport report;

  @BeforeAll
  static void publish() throws IOException {
    report = new FaultReport("ClockStepsIT");
    var body = JsonNodeFactory.instance.objectNode();
    body.putObject("files")
        .put("app_definition.yaml", DEFINITION)
        .put("_jit_code/work.js", "function handle(input) { return input.n; }");
    platform.apply("steps", body);
  }

  @AfterEach
  void setRight() {
    clock.right();
  }

  @Test
  void shouldStartAnEventOnceWhateverTheClockSaysWhenItIsRepeated() throws Exception {
    // Given
    String execution =
        ExecutionId.ofSource(TenantId.DEFAULT, "steps", "keep", "urn:steps", "once").toString();
    send("once");
    awaitShown(execution, "SUCCEEDED");
    succeeded(call("ended-later"));
    send("once");
    awaitVerdicts("once", "duplicate", 1);

    // When the dispatcher no longer knows it
    clock.step(BEYOND_THE_WINDOW);
    send("once");

    // Then the router does
    awaitVerdicts("once", "matched", 2);
    succeeded(call("asked-for-behind-the-copy"));
    assertThat(accepted(execution)).isEqualTo(1);
    assertThat(refusals()).isZero();

    // When the router knows no more than that it has ended
    clock.step(BEYOND_THE_WINDOW);
    Eventually.holds(() -> assertExpired(call("ended-later")));
    send("once");

    // Then that is enough
    awaitVerdicts("once", "matched", 3);
    Eventually.holds(() -> assertThat(refusals()).isEqualTo(1));
    assertThat(accepted(execution)).isEqualTo(1);

    // When the clock is right again
    clock.right();
    send("once");

    // Then
    awaitVerdicts("once", "duplicate", 2);
    assertThat(accepted(execution)).isEqualTo(1);
    assertAllThereOnce(List.of(execution));
  }

  @Test
  void shouldLoseNothingAndRepeatNothingWhenTheClockWasAheadForAWhile() throws Exception {
    // Given
    List<String> all = new ArrayList<>();
    all.add(succeeded(call("before")));
    String putOff = id(post("put-off", "open", "0s"), 202);
    all.add(putOff);
    awaitShown(putOff, "RUNNING");

    // When
    long ahead = System.nanoTime();
    clock.step(KEPT.plusDays(1));

    // Then what had its time inside the step has ended with it
    awaitShown(putOff, "TIMED_OUT");
    Eventually.holds(() -> assertExpired(call("before")));
    String inBetween = succeeded(call("ahead"));
    all.add(inBetween);

    // When
    long right = System.nanoTime();
    clock.right();

    // Then
    assertThat(succeeded(call("ahead"))).isEqualTo(inBetween);
    assertExpired(call("before"));
    all.add(succeeded(call("after")));
    report.add(
        "clock set days ahead, and right again",
        Duration.ofNanos(right - ahead),
        "three calls were answered after "
            + FaultReport.seconds(Duration.ofNanos(System.nanoTime() - right)));
    assertAllThereOnce(all);

    // When
    platform.restart();

    // Then
    assertThat(succeeded(call("ahead"))).isEqualTo(inBetween);
    assertExpired(call("before"));
    assertAllThereOnce(all);
  }

  @Test
  void shouldTakeAKeyForAsLongAsTheClockSaysThatItLives() throws Exception {
    // Given
    JsonNode issued =
        PlatformExtension.json(
            platform.post("/v1/keys", "{\"scopes\": [\"app:*:read\"], \"expiresIn\": \"1h\"}"),
            201);
    String key = issued.path("key").asText();
    assertThat(list(key).statusCode()).isEqualTo(200);
    try (LiveStream stream = LiveStream.of(platform, key)) {
      // When
      clock.step(Duration.ofHours(2));

      // Then
      assertThat(list(key).statusCode()).isEqualTo(401);
      assertThat(list(key).body()).contains("the key has expired");
      assertThat(list(platform.operatorKey()).statusCode()).isEqualTo(200);
      stream.awaitDropped();
    }

    // When
    clock.right();

    // Then it lives on, as nothing says that it has expired but the clock
    assertThat(list(key).statusCode()).isEqualTo(200);

    // When
    platform.send(
        "DELETE",
        "/v1/keys/" + issued.path("keyId").asText(),
        platform.operatorKey(),
        "",
        List.of());

    // Then no clock helps it
    Eventually.holds(() -> assertThat(list(key).statusCode()).isEqualTo(401));
    clock.step(Duration.ofHours(-2));
    assertThat(list(key).statusCode()).isEqualTo(401);
  }

  private static HttpResponse<String> list(String key) {
    return platform.send("GET", "/v1/executions?app=steps&limit=1", key, "", List.of());
  }

  /// An event of the source, as its copies are too.
  private static void send(String id) {
    HttpResponse<String> answer =
        platform.send(
            "POST",
            "/v1/events",
            platform.operatorKey(),
            "{\"id\": \"" + id + "\"}",
            List.of(
                "ce-specversion", "1.0",
                "ce-id", id,
                "ce-source", "urn:steps",
                "ce-type", "com.example.told"));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
  }

  private static void awaitVerdicts(String id, String status, int count) {
    Eventually.holds(
        () ->
            assertThat(
                    PlatformExtension.json(
                            platform.get("/v1/events?id=" + id + "&status=" + status), 200)
                        .path("events"))
                .hasSize(count));
  }

  /// A call with this idempotency key.
  private static HttpResponse<String> call(String key) {
    return post("keep", key, "30s");
  }

  private static HttpResponse<String> post(String component, String key, String wait) {
    return platform.send(
        "POST",
        "/v1/apps/steps/components/" + component + "/invoke?wait=" + wait,
        platform.operatorKey(),
        "{\"n\": 1}",
        List.of("Idempotency-Key", key));
  }

  private static String succeeded(HttpResponse<String> answer) {
    return id(answer, 200);
  }

  private static String id(HttpResponse<String> answer, int status) {
    return PlatformExtension.json(answer, status).path("executionId").asText();
  }

  private static void assertExpired(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
    assertThat(answer.body()).contains("idempotency-key-expired");
  }

  private static void awaitShown(String execution, String status) {
    Eventually.holds(() -> assertThat(shown(execution).path("status").asText()).isEqualTo(status));
  }

  private static JsonNode shown(String execution) {
    return CanonicalJson.read(platform.get("/v1/executions/" + execution).body());
  }

  /// How often the facts say that an execution was accepted.
  private static long accepted(String execution) {
    return shown(execution).path("facts").findValuesAsText("type").stream()
        .filter("ExecutionAccepted"::equals)
        .count();
  }

  /// Requests that were put aside, as their execution ended too long ago.
  private static int refusals() {
    return PlatformExtension.json(platform.get("/v1/dead-letters?topic=nexus.requests"), 200)
        .path("deadLetters")
        .size();
  }

  /// On the log, and in queries.
  private static void assertAllThereOnce(List<String> executions) throws Exception {
    try (LogCheck log = new LogCheck(platform.platform())) {
      log.letters()
          .except(letter -> letter.reason().contains("used so long ago that its answer is gone"));
      log.assertNothingLostOrTwice(executions);
    }
    List<String> listed =
        CanonicalJson.read(platform.get("/v1/executions?app=steps&limit=100").body())
            .path("executions")
            .findValuesAsText("executionId");
    assertThat(listed).doesNotHaveDuplicates().containsAll(executions);
  }
}
