package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.access.WebhookSignature;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.audit.AuditEvent;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// CloudEvents over HTTP: of holders of keys at `/v1/events`, of integrations at their hooks.
class EventsIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();
  @TempDir static Path data;

  private static final String SECRET = "It's a Secret to Everybody";
  private static final String STRUCTURED = "application/cloudevents+json";
  private static final String BATCH = "application/cloudevents-batch+json";
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private static FrontDoor door;
  private static String key;

  @BeforeAll
  static void open() throws Exception {
    Files.createDirectories(data.resolve("secrets"));
    Files.writeString(data.resolve("secrets/github"), SECRET + "\n");
    door = new FrontDoor(BROKER, data);
    String operator = door.key("operator");
    String definition =
        FrontDoor.DEFINITION
            + """
            integrations:
              - {integrationId: shop, source: "urn:shop"}
              - integrationId: bank
                source: "urn:bank"
                credentialKind: github-hmac
                secretRef: github
                format: cloudevents
            """;
    assertThat(door.apply(operator, "orders", Map.of("app_definition.yaml", definition)).status())
        .isEqualTo(200);
    String other =
        """
        appId: depot
        components:
          - {componentId: echo, handlerType: BUILTIN, taskDetails: {function: echo}}
        integrations:
          - {integrationId: depot, source: "urn:depot"}
        """;
    assertThat(door.apply(operator, "depot", Map.of("app_definition.yaml", other)).status())
        .isEqualTo(200);
    key = door.key("app:orders:invoke");
  }

  @AfterAll
  static void close() {
    door.close();
  }

  @Test
  void shouldTakeABinaryEventWithAllItsAttributes() {
    // When
    var answer =
        send(
            "/v1/events",
            "{\"text\": \"binary\"}",
            "application/json",
            "ce-specversion",
            "1.0",
            "ce-id",
            "b-1",
            "ce-source",
            "urn:shop",
            "ce-type",
            "com.example.order",
            "ce-subject",
            "caf%C3%A9",
            "ce-time",
            "2026-11-20T10:00:00Z",
            "ce-region",
            "eu",
            "traceparent",
            TRACE);

    // Then
    assertThat(answer.status()).describedAs(answer.toString()).isEqualTo(202);
    assertThat(answer.body().at("/accepted/0/id").asText()).isEqualTo("b-1");
    assertThat(answer.body().at("/accepted/0/source").asText()).isEqualTo("urn:shop");
    ConsumerRecord<String, byte[]> record = onIngress("b-1");
    assertThat(header(record, "ce_subject")).isEqualTo("café");
    assertThat(header(record, "ce_time")).startsWith("2026-11-20T10:00");
    assertThat(header(record, "ce_region")).isEqualTo("eu");
    assertThat(header(record, "ce_traceparent")).isEqualTo(TRACE);
    assertThat(header(record, "content-type")).isEqualTo("application/json");
    Eventually.holds(() -> assertThat(requestsOf("b-1")).hasSize(1));
    assertThat(requestsOf("b-1").getFirst().envelope().traceparent()).isEqualTo(TRACE);
    assertThat(requestsOf("b-1").getFirst().envelope().actor()).isEqualTo("integration:shop");
  }

  @Test
  void shouldTakeAStructuredEvent() {
    // When
    var answer = send("/v1/events", event("urn:shop", "s-1"), STRUCTURED);

    // Then
    assertThat(answer.status()).describedAs(answer.toString()).isEqualTo(202);
    Eventually.holds(() -> assertThat(requestsOf("s-1")).hasSize(1));
  }

  @Test
  void shouldTakeWhatIsGoodInABatchAndSayWhatIsNot() {
    // When
    var answer =
        send(
            "/v1/events",
            "["
                + String.join(
                    ",",
                    event("urn:shop", "batch-1"),
                    event("urn:shap", "batch-2"),
                    "{\"specversion\": \"1.0\", \"id\": \"batch-3\", \"source\": \"urn:shop\"}",
                    event("urn:depot", "batch-4"),
                    event("urn:shop", "batch-5"))
                + "]",
            BATCH);

    // Then
    assertThat(answer.status()).describedAs(answer.toString()).isEqualTo(202);
    assertThat(answer.body().path("accepted").findValuesAsText("id"))
        .containsExactly("batch-1", "batch-5");
    assertThat(answer.body().path("errors").findValuesAsText("pointer"))
        .containsExactly("/1/source", "/2/type", "/3/source");
    assertThat(answer.body().at("/errors/0/nearest/0").asText()).isEqualTo("urn:shop");
    assertThat(answer.body().at("/errors/2/detail").asText()).contains("app:depot:invoke");
    Eventually.holds(() -> assertThat(requestsOf("batch-5")).hasSize(1));
    assertThat(BROKER.read(Topic.AUDIT_INTENTS, AuditEvent.class))
        .extracting(Event::body)
        .anyMatch(e -> e instanceof AccessDenied d && d.resource().equals("app:depot"));
    assertThat(send("/v1/events", "[]", BATCH).status()).isEqualTo(202);
  }

  @Test
  void shouldRefuseARequestOfWhichNothingCanBeTaken() {
    // When
    var unregistered = send("/v1/events", event("urn:nobody", "x-1"), STRUCTURED);
    var forbidden = send("/v1/events", event("urn:depot", "x-2"), STRUCTURED);
    var batch =
        send("/v1/events", "[" + event("urn:nobody", "x-3") + ", {\"id\": \"x-4\"}]", BATCH);
    var plain = send("/v1/events", "{}", "application/json");
    var large = send("/v1/events", "[\"" + "x".repeat(70_000) + "\"]", BATCH);
    var anonymous = door.post("", "/v1/events", event("urn:shop", "x-5"));

    // Then
    assertThat(unregistered.status()).isEqualTo(422);
    assertThat(unregistered.body().at("/errors/0/found").asText()).contains("urn:nobody");
    assertThat(forbidden.status()).isEqualTo(403);
    assertThat(batch.status()).isEqualTo(422);
    assertThat(batch.body().path("errors")).hasSize(2);
    assertThat(plain.status()).isEqualTo(415);
    assertThat(plain.body().path("detail").asText()).contains("ce-specversion");
    assertThat(large.status()).isEqualTo(413);
    assertThat(anonymous.status()).isEqualTo(401);
  }

  @Test
  void shouldTakeSignedEventsInAnyFormAtAHookOfThatFormat() {
    // When
    var structured = deliver(event("urn:bank", "h-1"), STRUCTURED);
    var batch = deliver("[" + event("urn:bank", "h-2") + "]", BATCH);
    var foreign = deliver(event("urn:shop", "h-3"), STRUCTURED);
    var unsigned = send("/v1/hooks/bank", event("urn:bank", "h-4"), STRUCTURED);
    var closed = send("/v1/hooks/shop", event("urn:shop", "h-5"), STRUCTURED);

    // Then
    assertThat(structured.status()).describedAs(structured.toString()).isEqualTo(202);
    assertThat(batch.status()).isEqualTo(202);
    assertThat(onIngress("h-2").headers().lastHeader("ce_source").value())
        .isEqualTo("urn:bank".getBytes(StandardCharsets.UTF_8));
    assertThat(foreign.status()).isEqualTo(422);
    assertThat(foreign.body().path("detail").asText())
        .contains("this hook takes events of another source")
        .contains("expected 'urn:bank', found 'urn:shop'");
    assertThat(unsigned.status()).isEqualTo(401);
    assertThat(closed.status()).isEqualTo(404);
  }

  @Test
  void shouldShowTheFormatOfIntegrationsAndRefuseOneThatDoesNotFit() {
    // Given
    String operator = door.key("operator");
    String path = "/v1/apps/orders/integrations";

    // When
    var list = door.get(operator, path);
    var wrong =
        door.post(
            operator,
            path,
            "{\"integrationId\": \"x\", \"source\": \"urn:x\", \"format\": \"github\"}");
    var unknown =
        door.post(
            operator,
            path,
            "{\"integrationId\": \"x\", \"source\": \"urn:x\", \"format\": \"xml\"}");

    // Then
    assertThat(list.body().path("integrations").findValuesAsText("format"))
        .containsExactly("cloudevents", "cloudevents");
    assertThat(list.body().path("integrations").findValuesAsText("hook"))
        .containsExactly("/v1/hooks/bank");
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.body().at("/errors/0/pointer").asText()).isEqualTo("/format");
    assertThat(unknown.body().at("/errors/0/expected").asText()).contains("github, cloudevents");
  }

  private static String event(String source, String id) {
    return """
    {"specversion": "1.0", "id": "%s", "source": "%s", "type": "com.example.order",
     "data": {"text": "a"}}
    """
        .formatted(id, source);
  }

  private static FrontDoor.Answer deliver(String body, String type) {
    return send(
        "/v1/hooks/bank",
        body,
        type,
        "X-Hub-Signature-256",
        WebhookSignature.sign(SECRET, body.getBytes(StandardCharsets.UTF_8)));
  }

  private static FrontDoor.Answer send(String path, String body, String type, String... headers) {
    return door.send(
        door.request(key, path, headers)
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private static ConsumerRecord<String, byte[]> onIngress(String id) {
    return new TopicReader(door.clients())
        .records(Topic.INGRESS).stream()
            .filter(record -> header(record, "ce_id").equals(id))
            .findFirst()
            .orElseThrow();
  }

  private static String header(ConsumerRecord<String, byte[]> record, String name) {
    var header = record.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
  }

  private static List<Event<RequestEvent>> requestsOf(String id) {
    var execution =
        ExecutionId.ofSource(TenantId.DEFAULT, "orders", "echo", "urn:shop", id).toString();
    return BROKER.read(Topic.REQUESTS, RequestEvent.class).stream()
        .filter(e -> e.envelope().executionId().equals(execution))
        .toList();
  }
}
