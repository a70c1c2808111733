package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.ScriptedAnswer;
import dev.nexus.scriptedmodel.ScriptedModel;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.FaultReport;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A log that has grown to its limit: nothing new comes in, and what was accepted is finished, also
/// what was under way when it got there.
class LogLimitIT {
  /// The answer to the prompt waits for it.
  private static final CountDownLatch GATE = new CountDownLatch(1);

  private static final ScriptedModel MODEL =
      ScriptedModel.builder()
          .behaviour(Behaviour.flawless(1).withMedianLatency(Duration.ofMillis(1)))
          .script(
              found -> {
                awaitGate();
                return Optional.of(ScriptedAnswer.always(found.getFirst(), found.getFirst()));
              })
          .start();

  @RegisterExtension
  static final PlatformExtension platform =
      PlatformExtension.ofClass(
          Map.of(
              "NEXUS_LOG_LIMIT_MB",
              "8",
              "NEXUS_LLM_BASE_URL",
              MODEL.baseUrl().toString(),
              "NEXUS_LLM_MODEL",
              ScriptedModel.NAME));

  private static final String ECHO = "/v1/apps/lab/components/echo/invoke";

  private static final String HELD =
      """
      appId: held
      components:
        - componentId: ask
          handlerType: LLM
          timeout: 10m
          taskDetails: {template: '{{ input | tojson }}'}
      """;

  private static final String DISK_FULL = "urn:nexus:problem:disk-full";
  private static final IntakeHook HOOK = new IntakeHook(platform);

  @BeforeAll
  static void publish() throws IOException {
    platform.apply("lab");
    ObjectNode held = JsonNodeFactory.instance.objectNode();
    held.putObject("files").put("app_definition.yaml", HELD);
    platform.apply("held", held);
    HOOK.publish();
  }

  /// Who waits goes on before the model closes.
  @AfterAll
  static void endModel() {
    GATE.countDown();
    MODEL.close();
  }

  @Test
  void shouldRefuseNewWorkAndFinishWhatItAccepted() throws IOException {
    // Given
    String input = "{\"text\": \"" + "x".repeat(200_000) + "\"}";
    List<String> accepted = new ArrayList<>();
    FaultReport report = new FaultReport("LogLimitIT");
    String held = underWay();

    // When
    Instant begun = Instant.now();
    HttpResponse<String> refused =
        Eventually.value(
            () -> {
              HttpResponse<String> answer = platform.post(ECHO + "?wait=0s", input);
              if (answer.statusCode() == 202) {
                accepted.add(CanonicalJson.read(answer.body()).path("executionId").asText());
              }
              return answer;
            },
            answer -> answer.statusCode() != 202,
            "a refusal");
    Instant full = Instant.now();

    // Then
    assertThat(refused.statusCode()).isEqualTo(507);
    assertThat(refused.headers().firstValue("Retry-After")).contains("30");
    assertThat(CanonicalJson.read(refused.body()).path("detail").asText())
        .contains("new work is refused above 8 MiB (NEXUS_LOG_LIMIT_MB)");
    assertThat(accepted).isNotEmpty();
    assertThat(status(held)).isEqualTo("RUNNING");

    // When
    GATE.countDown();

    // Then
    accepted.add(held);
    for (String id : accepted) {
      Eventually.holds(() -> assertThat(status(id)).isEqualTo("SUCCEEDED"));
    }
    assertThat(platform.post(ECHO + "?wait=0s", "{}").statusCode()).isEqualTo(507);
    report.add(
        "log at its limit",
        Duration.between(begun, full),
        "what was accepted has ended after "
            + FaultReport.seconds(Duration.between(full, Instant.now())));
    assertNothingElseIsTaken(accepted.getFirst());
    try (LogCheck log = new LogCheck(platform.platform())) {
      log.assertNothingLostOrTwice(accepted);
    }
  }

  /// Begins a prompt, which cannot end before the gate is open; returns when it was begun.
  private static String underWay() {
    String held =
        PlatformExtension.json(
                platform.post("/v1/apps/held/components/ask/invoke?wait=0s", "{\"n\": 1}"), 202)
            .path("executionId")
            .asText();
    Eventually.holds(
        () -> assertThat(platform.get("/v1/executions/" + held).body()).contains("TaskStarted"));
    return held;
  }

  private static String status(String execution) {
    return PlatformExtension.json(platform.get("/v1/executions/" + execution), 200)
        .path("status")
        .asText();
  }

  private static void assertNothingElseIsTaken(String execution) {
    JsonNode truth =
        PlatformExtension.json(
            platform.post("/v1/executions/" + execution + "/truth", "{\"output\": 1}"), 507);
    assertThat(truth.path("type").asText()).isEqualTo(DISK_FULL);
    JsonNode delivered = PlatformExtension.json(HOOK.deliver("{}", "delivered-to-a-full-log"), 507);
    assertThat(delivered.path("type").asText()).isEqualTo(DISK_FULL);
    assertThat(streamed("com.example.order.placed")).isEqualTo("disk-full");
    assertThat(streamed("dev.nexus.truth")).isEqualTo("disk-full");
  }

  /// Why an event of this type is not taken from a stream.
  private static String streamed(String type) {
    try (EventStream stream = new EventStream(platform.grpc(), platform.operatorKey())) {
      stream.send("urn:intake:shop", "sent-to-a-full-log", type, "{}");
      return stream.acks(1).getFirst().getError().getKind();
    }
  }

  private static void awaitGate() {
    try {
      GATE.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
