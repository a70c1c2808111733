package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.command.access.WebhookSignature;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.FaultReport;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A log that has grown to its limit: nothing new comes in, and what was accepted is finished.
class LogLimitIT {
  @RegisterExtension
  static final PlatformExtension platform =
      PlatformExtension.ofClass(Map.of("NEXUS_LOG_LIMIT_MB", "8"));

  private static final String ECHO = "/v1/apps/lab/components/echo/invoke";

  private static final String DISK_FULL = "urn:nexus:problem:disk-full";
  private static final String SECRET = "known to both";

  @BeforeAll
  static void publish() throws IOException {
    platform.apply("lab");
    Path secrets = platform.platform().dataDirectory().resolve("secrets");
    Files.createDirectories(secrets);
    Files.writeString(secrets.resolve("intake-github"), SECRET);
    platform.apply("intake");
  }

  @Test
  void shouldRefuseNewWorkAndFinishWhatItAccepted() throws IOException {
    // Given
    String input = "{\"text\": \"" + "x".repeat(200_000) + "\"}";
    List<String> accepted = new ArrayList<>();
    FaultReport report = new FaultReport("LogLimitIT");

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
    for (String id : accepted) {
      Eventually.holds(
          () ->
              assertThat(
                      PlatformExtension.json(platform.get("/v1/executions/" + id), 200)
                          .path("status")
                          .asText())
                  .isEqualTo("SUCCEEDED"));
    }
    report.add(
        "log at its limit",
        Duration.between(begun, full),
        "what was accepted has ended after "
            + FaultReport.seconds(Duration.between(full, Instant.now())));
    JsonNode truth =
        PlatformExtension.json(
            platform.post("/v1/executions/" + accepted.getFirst() + "/truth", "{\"output\": 1}"),
            507);
    assertThat(truth.path("type").asText()).isEqualTo(DISK_FULL);
    assertThat(PlatformExtension.json(deliver(), 507).path("type").asText()).isEqualTo(DISK_FULL);
    assertThat(streamed("com.example.order.placed")).isEqualTo("disk-full");
    assertThat(streamed("dev.nexus.truth")).isEqualTo("disk-full");
    try (LogCheck log = new LogCheck(platform.platform())) {
      log.assertNothingLostOrTwice(accepted);
    }
  }

  private static HttpResponse<String> deliver() {
    return platform.send(
        "POST",
        "/v1/hooks/intake-github",
        "",
        "{}",
        List.of(
            "X-Hub-Signature-256",
            WebhookSignature.sign(SECRET, "{}".getBytes(StandardCharsets.UTF_8)),
            "X-GitHub-Event",
            "issues",
            "X-GitHub-Delivery",
            "delivered-to-a-full-log"));
  }

  /// Why an event of this type is not taken from a stream.
  private static String streamed(String type) {
    try (EventStream stream = new EventStream(platform.grpc(), platform.operatorKey())) {
      stream.send("urn:intake:shop", "sent-to-a-full-log", type, "{}");
      return stream.acks(1).getFirst().getError().getKind();
    }
  }
}
