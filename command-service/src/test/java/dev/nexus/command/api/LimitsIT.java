package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.access.WebhookSignature;
import dev.nexus.platform.stream.BacklogReports;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What is refused with 429: who asks too often, and new work while too much of it waits.
class LimitsIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();
  @TempDir static Path data;

  private static final String SECRET = "It's a Secret to Everybody";
  /// Above what these tests write themselves: their own tasks must never be why something is
  /// refused.
  private static final long MOST_WAITING = 1_000;

  private static final String INVOKE = "/v1/apps/orders/components/echo/invoke";

  private static FrontDoor door;
  private static String operator;

  @BeforeAll
  static void open() throws Exception {
    Files.createDirectories(data.resolve("secrets"));
    Files.writeString(data.resolve("secrets/github"), SECRET + "\n");
    door =
        new FrontDoor(
            BROKER,
            data,
            Map.of(
                "NEXUS_KEY_REQUESTS_PER_SECOND", "1",
                "NEXUS_KEY_REQUEST_BURST", "3",
                "NEXUS_BACKLOG_LIMIT", Long.toString(MOST_WAITING)));
    operator = door.key("operator");
    String definition =
        FrontDoor.DEFINITION
            + """
            integrations:
              - {integrationId: github, source: "https://github.com/acme", credentialKind: github-hmac, secretRef: github}
              - {integrationId: shop, source: "urn:shop"}
              - {integrationId: till, source: "urn:till", credentialKind: github-hmac, secretRef: github, format: cloudevents}
            """;
    assertThat(door.apply(operator, "orders", Map.of("app_definition.yaml", definition)).status())
        .isEqualTo(200);
  }

  @AfterAll
  static void close() {
    door.close();
  }

  @Test
  void shouldRefuseAKeyThatAsksTooOftenAndNoOther() {
    // Given
    String eager = door.key("app:orders:invoke");
    String patient = door.key("app:orders:invoke");

    // When
    FrontDoor.Answer refused = null;
    for (int i = 0; i < 200 && (refused == null || refused.status() != 429); i++) {
      refused = door.post(eager, INVOKE + "?wait=0s", "{\"text\": \"a\"}");
    }
    // Which takes a minute to be paid off; nothing starts for it.
    var batch = events(patient, 60, "com.example.nothing");
    var afterwards = events(patient, 1, "com.example.order");

    // Then
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.body().path("type").asText()).endsWith("rate-limited");
    assertThat(refused.body().path("detail").asText()).contains("NEXUS_KEY_REQUESTS_PER_SECOND");
    assertThat(refused.response().headers().firstValue("Retry-After")).hasValue("1");
    assertThat(batch.status()).isEqualTo(202);
    assertThat(afterwards.status()).describedAs("a batch counts as its events").isEqualTo(429);
    assertThat(Integer.parseInt(afterwards.response().headers().firstValue("Retry-After").get()))
        .isGreaterThan(1);
    assertThat(door.get(eager, "/v1/apps").status()).isEqualTo(200);
  }

  @Test
  void shouldRefuseAnIntegrationThatDeliversTooOften() {
    // When
    FrontDoor.Answer refused = null;
    for (int i = 0; i < 200 && (refused == null || refused.status() == 202); i++) {
      refused = deliver();
    }

    // Then
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.body().path("detail").asText()).contains("integration:github");
  }

  @Test
  void shouldCountEachEventOfABatchThatAHookDelivers() {
    // When: a minute's worth, and no trigger is for any of them
    var batch = deliverBatch(60);
    var afterwards = deliverBatch(1);

    // Then
    assertThat(batch.status()).as(batch.toString()).isEqualTo(202);
    assertThat(afterwards.status()).isEqualTo(429);
    assertThat(afterwards.body().path("detail").asText()).contains("integration:till");
    assertThat(Integer.parseInt(afterwards.response().headers().firstValue("Retry-After").get()))
        .isGreaterThan(1);
  }

  @Test
  void shouldRefuseNewWorkAndNothingElseWhileAPartIsBehind() {
    // Given a part that does not measure itself here; it reports as others do, once a second
    BacklogReports reports = door.bean(BacklogReports.class);
    AtomicLong behind = new AtomicLong(MOST_WAITING + 1);
    try (var part = Executors.newSingleThreadScheduledExecutor()) {
      var _ =
          part.scheduleAtFixedRate(
              () -> reports.measured("other-router", behind.get()), 0, 1, TimeUnit.SECONDS);
      refusesWhileBehind(behind);
      part.shutdownNow();
    }
  }

  private static void refusesWhileBehind(AtomicLong behind) {
    // When: reports are forgotten where the machine stands still, until the next one
    var invoked =
        refused(() -> door.post(door.key("app:orders:invoke"), INVOKE, "{\"text\": \"a\"}"));
    var event = refused(() -> events(door.key("app:orders:invoke"), 1, "com.example.order"));
    var truth = events(door.key("app:orders:invoke"), 1, "dev.nexus.truth");
    var cancelled =
        door.post(operator, "/v1/executions/" + UUID.randomUUID() + "/cancel?wait=0s", "");

    // Then
    assertThat(invoked.status()).isEqualTo(429);
    assertThat(invoked.body().path("detail").asText())
        .contains("other-router is 1001 records behind")
        .contains("NEXUS_BACKLOG_LIMIT");
    assertThat(invoked.response().headers().firstValue("Retry-After")).hasValue("2");
    assertThat(event.status()).isEqualTo(429);
    assertThat(truth.status()).isEqualTo(202);
    assertThat(cancelled.status()).isNotEqualTo(429);
    behind.set(0);
    Eventually.holds(
        () ->
            assertThat(
                    door.post(door.key("app:orders:invoke"), INVOKE, "{\"text\": \"a\"}").status())
                .isEqualTo(200));
  }

  private static FrontDoor.Answer refused(Callable<FrontDoor.Answer> work) {
    return Eventually.value(work, answer -> answer.status() == 429, "a refusal");
  }

  private static FrontDoor.Answer events(String key, int count, String type) {
    return door.send(
        door.request(key, "/v1/events")
            .header("Content-Type", "application/cloudevents-batch+json")
            .POST(HttpRequest.BodyPublishers.ofString(batch(count, "urn:shop", type)))
            .build());
  }

  private static FrontDoor.Answer deliverBatch(int count) {
    String batch = batch(count, "urn:till", "com.example.nothing");
    return door.send(
        door.request("", "/v1/hooks/till")
            .header("Content-Type", "application/cloudevents-batch+json")
            .header(
                "X-Hub-Signature-256",
                WebhookSignature.sign(SECRET, batch.getBytes(StandardCharsets.UTF_8)))
            .POST(HttpRequest.BodyPublishers.ofString(batch))
            .build());
  }

  private static String batch(int count, String source, String type) {
    StringBuilder batch = new StringBuilder();
    for (int i = 0; i < count; i++) {
      batch
          .append(batch.isEmpty() ? "[" : ",")
          .append(
              """
              {"specversion": "1.0", "id": "%s", "source": "%s", "type": "%s",
               "data": {"text": "a"}}
              """
                  .formatted(UUID.randomUUID(), source, type));
    }
    return batch.append(']').toString();
  }

  private static FrontDoor.Answer deliver() {
    return door.post(
        "",
        "/v1/hooks/github",
        "{}",
        "X-Hub-Signature-256",
        WebhookSignature.sign(SECRET, "{}".getBytes(StandardCharsets.UTF_8)),
        "X-GitHub-Event",
        "issues",
        "X-GitHub-Delivery",
        UUID.randomUUID().toString());
  }
}
