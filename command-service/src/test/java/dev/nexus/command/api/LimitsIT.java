package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.command.access.WebhookSignature;
import dev.nexus.command.rpc.Producer;
import dev.nexus.grpc.v1.CloudEvent;
import dev.nexus.grpc.v1.ExecutionsGrpc;
import dev.nexus.grpc.v1.InvokeRequest;
import dev.nexus.grpc.v1.PublishAck;
import dev.nexus.platform.stream.BacklogReports;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
                "NEXUS_GRPC_PORT", "0",
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
              - {integrationId: quay, source: "https://github.com/quay", credentialKind: github-hmac, secretRef: github}
              - {integrationId: dock, source: "urn:dock", credentialKind: github-hmac, secretRef: github, format: cloudevents}
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

  /// They pass while work waits, so nothing else keeps a key from asking without end.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"cancel | ''", "release | {\"discard\": true}", "truth | {\"output\": 1}"})
  void shouldCountWhatIsAskedOfAnExecution(String verb, String body) {
    // Given a key with a request left, and one with a minute to pay off
    String patient = door.key("operator");
    String eager = door.key("operator");
    String path = "/v1/executions/" + UUID.randomUUID() + "/" + verb + "?wait=0s";
    assertThat(events(eager, 60, "com.example.nothing").status()).isEqualTo(202);

    // When
    var passed = door.post(patient, path, body);
    var refused = door.post(eager, path, body);

    // Then
    assertThat(passed.status()).as(passed.toString()).isNotEqualTo(429);
    assertThat(refused.status()).as(refused.toString()).isEqualTo(429);
    assertThat(refused.body().path("type").asText()).endsWith("rate-limited");
  }

  @Test
  void shouldCountEachEventOfAStream() throws Exception {
    // Given
    String key = door.key("app:orders:invoke");
    InvokeRequest echo =
        InvokeRequest.newBuilder()
            .setAppId("orders")
            .setComponentId("echo")
            .setInputJson("{\"text\": \"a\"}")
            .build();

    // When: a minute's worth, and no trigger is for any of them
    var acks = streamed(key, Collections.nCopies(60, "com.example.nothing"));

    // Then
    assertThat(acks).hasSize(60).noneMatch(PublishAck::hasError);
    ManagedChannel channel = channel(key);
    try {
      assertThatThrownBy(() -> ExecutionsGrpc.newBlockingStub(channel).invoke(echo))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                assertThat(e.getStatus().getDescription())
                    .contains("NEXUS_KEY_REQUESTS_PER_SECOND");
              });
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  /// What is answered to events of these types by gRPC.
  private static List<PublishAck> streamed(String key, List<String> types) throws Exception {
    ManagedChannel channel = channel(key);
    try {
      var producer = new Producer(channel, types.stream().map(LimitsIT::event).toList());
      producer.awaitEnd();
      return producer.acks();
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private static ManagedChannel channel(String key) {
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER), key);
    return ManagedChannelBuilder.forTarget(door.grpc())
        .usePlaintext()
        .intercept(MetadataUtils.newAttachHeadersInterceptor(metadata))
        .build();
  }

  private static CloudEvent event(String type) {
    return CloudEvent.newBuilder()
        .setId(UUID.randomUUID().toString())
        .setSource("urn:shop")
        .setSpecVersion("1.0")
        .setType(type)
        .setTextData("{\"text\": \"a\"}")
        .build();
  }

  @Test
  void shouldRefuseAnIntegrationThatDeliversTooOften() {
    // When
    FrontDoor.Answer refused = null;
    for (int i = 0; i < 200 && (refused == null || refused.status() == 202); i++) {
      refused = deliver("github");
    }

    // Then
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.body().path("detail").asText()).contains("integration:github");
  }

  @Test
  void shouldCountEachEventOfABatchThatAHookDelivers() {
    // When: a minute's worth, and no trigger is for any of them
    var batch = deliverBatch("till", 60);
    var afterwards = deliverBatch("till", 1);

    // Then
    assertThat(batch.status()).as(batch.toString()).isEqualTo(202);
    assertThat(afterwards.status()).isEqualTo(429);
    assertThat(afterwards.body().path("detail").asText()).contains("integration:till");
    assertThat(Integer.parseInt(afterwards.response().headers().firstValue("Retry-After").get()))
        .isGreaterThan(1);
  }

  @Test
  void shouldRefuseNewWorkAndNothingElseWhileAPartIsBehind() throws Exception {
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

  private static void refusesWhileBehind(AtomicLong behind) throws Exception {
    // When: reports are forgotten where the machine stands still, until the next one
    var invoked =
        refused(() -> door.post(door.key("app:orders:invoke"), INVOKE, "{\"text\": \"a\"}"));
    var event = refused(() -> events(door.key("app:orders:invoke"), 1, "com.example.order"));
    var truth = events(door.key("app:orders:invoke"), 1, "dev.nexus.truth");
    var streamed =
        Eventually.value(
            () ->
                streamed(
                    door.key("app:orders:invoke"), List.of("com.example.order", "dev.nexus.truth")),
            acks -> acks.getFirst().hasError(),
            "a refusal");
    var webhook = deliver("quay");
    var delivered = deliverBatch("dock", 1);
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
    assertThat(streamed).extracting(ack -> ack.getError().getKind()).containsExactly("backlog", "");
    assertThat(webhook.status()).as(webhook.toString()).isEqualTo(202);
    assertThat(delivered.status()).as(delivered.toString()).isEqualTo(202);
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

  private static FrontDoor.Answer deliverBatch(String integration, int count) {
    String batch = batch(count, "urn:" + integration, "com.example.nothing");
    return door.send(
        door.request("", "/v1/hooks/" + integration)
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

  private static FrontDoor.Answer deliver(String integration) {
    return door.post(
        "",
        "/v1/hooks/" + integration,
        "{}",
        "X-Hub-Signature-256",
        WebhookSignature.sign(SECRET, "{}".getBytes(StandardCharsets.UTF_8)),
        "X-GitHub-Event",
        "issues",
        "X-GitHub-Delivery",
        UUID.randomUUID().toString());
  }
}
