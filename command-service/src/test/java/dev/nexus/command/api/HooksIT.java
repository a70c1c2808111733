package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.command.access.WebhookSignature;
import dev.nexus.command.trigger.AvroEvents;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.audit.AuditEvent;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.TruthSubmitted;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Outside events: signed deliveries over HTTP, CloudEvents of integrations that know Kafka only.
class HooksIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();
  @TempDir static Path data;

  private static final String SECRET = "It's a Secret to Everybody";
  private static final String HOOK = "/v1/hooks/github";

  private static FrontDoor door;
  private static String operator;

  @BeforeAll
  static void open() throws Exception {
    Files.createDirectories(data.resolve("secrets"));
    Files.writeString(data.resolve("secrets/github"), SECRET + "\n");
    door = new FrontDoor(BROKER, data);
    operator = door.key("operator");
    String definition =
        FrontDoor.DEFINITION
            + """
            integrations:
              - {integrationId: github, source: "https://github.com/acme", credentialKind: github-hmac, secretRef: github}
              - {integrationId: shop, source: "urn:shop"}
            """;
    assertThat(door.apply(operator, "orders", Map.of("app_definition.yaml", definition)).status())
        .isEqualTo(200);
  }

  @AfterAll
  static void close() {
    door.close();
  }

  @Test
  void shouldTurnASignedDeliveryIntoOneRequestHoweverOftenItComes() {
    // Given
    String body = "{\"action\": \"opened\"}";

    // When
    var first = deliver(body, WebhookSignature.sign(SECRET, bytes(body)), "d-1");
    var second = deliver(body, WebhookSignature.sign(SECRET, bytes(body)), "d-1");

    // Then
    assertThat(first.status()).describedAs(first.toString()).isEqualTo(202);
    assertThat(second.status()).isEqualTo(202);
    var id = source("stuck", "https://github.com/acme", "d-1");
    Eventually.holds(() -> assertThat(verdictsOn("d-1")).hasSize(2));
    assertThat(requestsOf(id))
        .singleElement()
        .satisfies(
            request -> {
              var invoked = (InvokeRequested) request.body();
              assertThat(invoked.input().text())
                  .isEqualTo("{\"event\":\"issues\",\"payload\":{\"action\":\"opened\"}}");
              assertThat(invoked.origin()).isEqualTo("trigger");
              assertThat(request.envelope().actor()).isEqualTo("integration:github");
            });
  }

  /// Gateways add some, and who is refused for them may never send the delivery again.
  @Test
  void shouldTakeADeliveryWhateverParametersItsUrlHas() {
    // Given
    String body = "{\"action\": \"closed\"}";
    String signature = WebhookSignature.sign(SECRET, bytes(body));

    // When
    var taken = deliver(HOOK + "?access_token=x&via=gateway", body, signature, "d-5");
    var forged = deliver(HOOK + "?access_token=x", body, "sha256=" + "0".repeat(64), "d-6");

    // Then
    assertThat(taken.status()).describedAs(taken.toString()).isEqualTo(202);
    Eventually.holds(
        () -> assertThat(requestsOf(source("stuck", "https://github.com/acme", "d-5"))).hasSize(1));
    assertThat(forged.status()).isEqualTo(401);
  }

  /// GitHub sends more than is read by default, and nothing again that was refused.
  @Test
  void shouldSayWhatToSetToADeliveryThatIsTooLargeAndWriteNothingOfIt() {
    // Given
    String large = "{\"text\": \"" + "x".repeat(70_000) + "\"}";
    String small = "{\"text\": \"x\"}";

    // When
    var refused = deliver(large, WebhookSignature.sign(SECRET, bytes(large)), "d-7");
    var taken = deliver(small, WebhookSignature.sign(SECRET, bytes(small)), "d-8");

    // Then
    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.contentType()).startsWith("application/problem+json");
    assertThat(refused.body().path("detail").asText())
        .contains("the body is too large (limit: NEXUS_MAX_BODY_BYTES)");
    assertThat(taken.status()).describedAs(taken.toString()).isEqualTo(202);
    Eventually.holds(() -> assertThat(idsOnIngress()).contains("d-8"));
    assertThat(idsOnIngress()).doesNotContain("d-7");
  }

  @Test
  void shouldRemarkThatTheSecretOfAHookIsMissing() throws Exception {
    // Given
    String definition =
        """
        appId: unsigned
        components:
          - {componentId: echo, handlerType: BUILTIN, taskDetails: {function: echo}}
        integrations:
          - {integrationId: unsigned, source: "urn:unsigned", credentialKind: github-hmac, secretRef: gitub}
        """;
    Map<String, String> files = Map.of("app_definition.yaml", definition);

    // When
    var applied = door.apply(operator, "unsigned", files);
    var shown = door.get(operator, "/v1/apps/unsigned/integrations");
    Files.writeString(data.resolve("secrets/gitub"), SECRET);
    var provided = door.apply(operator, "unsigned", files);

    // Then
    String remark =
        "the hook of integration unsigned answers 503 as it is: secret gitub is missing: write it"
            + " to the secrets directory or export NEXUS_SECRET_GITUB";
    assertThat(applied.status()).describedAs(applied.toString()).isEqualTo(200);
    assertThat(applied.body().path("remarks")).extracting(JsonNode::asText).contains(remark);
    assertThat(shown.body().at("/integrations/0/remark").asText()).isEqualTo(remark);
    assertThat(provided.body().path("remarks")).extracting(JsonNode::asText).doesNotContain(remark);
    assertThat(
            door.get(operator, "/v1/apps/unsigned/integrations")
                .body()
                .at("/integrations/0")
                .has("remark"))
        .isFalse();
  }

  @Test
  void shouldRefuseAndAuditADeliveryThatIsNotSigned() {
    assertThat(deliver("{}", "sha256=" + "0".repeat(64), "d-2").status()).isEqualTo(401);
    assertThat(deliver("{}", "", "d-3").status()).isEqualTo(401);
    assertThat(deliver("{ }", WebhookSignature.sign(SECRET, bytes("{}")), "d-4").status())
        .isEqualTo(401);
    assertThat(BROKER.read(Topic.AUDIT_INTENTS, AuditEvent.class))
        .extracting(Event::body)
        .anyMatch(e -> e instanceof AccessDenied d && d.reason().equals("wrong-signature"))
        .anyMatch(e -> e instanceof AccessDenied d && d.reason().equals("no-signature"));
    for (int i = 0; i < 20; i++) {
      deliver("{}", "", "unsigned-" + i);
    }
    Eventually.holds(
        () ->
            assertThat(
                    BROKER.read(Topic.AUDIT_INTENTS, AuditEvent.class).stream()
                        .map(Event::body)
                        .filter(
                            e -> e instanceof AccessDenied d && d.reason().equals("no-signature"))
                        .mapToInt(e -> ((AccessDenied) e).count())
                        .sum())
                .isEqualTo(21));
    assertThat(door.post("", "/v1/hooks/githup", "{}").status()).isEqualTo(404);
    assertThat(door.post("", "/v1/hooks/shop", "{}").status()).isEqualTo(404);
  }

  @Test
  void shouldStartComponentsForEventsOfAnIntegrationThatKnowsKafkaOnly() {
    // When
    sendBinary("urn:shop", "o-1", "com.example.order", "{\"text\": \"binary\"}");
    sendStructured("urn:shop", "o-2", "com.example.order", "{\"text\": \"structured\"}");
    sendAvro(avro("urn:shop", "o-3", "com.example.order", Map.of("text", "avro", "n", 3.0)));

    // Then
    for (String id : List.of("o-1", "o-2", "o-3")) {
      Eventually.holds(() -> assertThat(requestsOf(source("echo", "urn:shop", id))).hasSize(1));
    }
    var asked = (InvokeRequested) requestsOf(source("echo", "urn:shop", "o-3")).getFirst().body();
    assertThat(asked.input().text()).isEqualTo("{\"n\":3,\"text\":\"avro\"}");
  }

  @Test
  void shouldPutAsideWhatItCannotUseAndGoOn() {
    // When
    sendBinary("urn:nobody", "x-1", "com.example.order", "{}");
    sendBinary("urn:shpo", "x-7", "com.example.order", "{}");
    sendBinary("urn:shop", "x-2", "com.example.order", "{\"text\": 5}");
    sendBinary("urn:shop", "x-3", "com.example.order", "{broken");
    door.producer()
        .send(new ProducerRecord<>(door.clients().name(Topic.INGRESS), "k", bytes("noise")))
        .join();
    sendStructured("{\"specversion\": nope}");
    sendStructured("{\"specversion\": \"1.0\"}");
    sendBinary("urn:shop", "x-4", "dev.nexus.truth", "{\"id\": \"x-1\"}");
    sendAvro(bytes("noise"));
    sendAvro(bytes("\0\0\0\0\7framed"));
    sendAvro(avro("urn:nobody", "x-6", "com.example.order", Map.of()));
    sendBinary("urn:shop", "x-5", "com.example.order", "{\"text\": \"fine\"}");

    // Then
    Eventually.holds(() -> assertThat(requestsOf(source("echo", "urn:shop", "x-5"))).hasSize(1));
    Eventually.holds(
        () ->
            assertThat(reasons())
                .satisfies(
                    all ->
                        assertThat(all)
                            .filteredOn(r -> r.contains("'urn:nobody' is not registered"))
                            .hasSize(2))
                .anyMatch(r -> r.contains("'urn:shpo'") && r.endsWith("did you mean urn:shop?"))
                .anyMatch(r -> r.contains("frame of a schema registry"))
                .anyMatch(r -> r.contains("no valid input of orders/echo") && r.contains("/text"))
                .anyMatch(r -> r.contains("JSON expected, found 'broken'"))
                .anyMatch(r -> r.contains("structured: JSON expected, found "))
                .anyMatch(r -> r.contains("CloudEvent 1.0 expected"))
                .anyMatch(r -> r.contains("Avro format of CloudEvents expected"))
                .anyMatch(r -> r.contains("dev.nexus.truth expects"))
                .satisfies(
                    all ->
                        assertThat(all)
                            .filteredOn(r -> r.contains("CloudEvent 1.0 expected, binary"))
                            .hasSizeGreaterThanOrEqualTo(3))
                .noneMatch(r -> r.contains("Exception")));
  }

  @Test
  void shouldReportTheTruthToTheExecutionOfTheEvent() {
    // Given
    var id = source("echo", "urn:shop", "t-1");
    sendBinary("urn:shop", "t-1", "com.example.order", "{\"text\": \"a\"}");

    // When
    sendBinary(
        "urn:shop", "t-2", "dev.nexus.truth", "{\"id\": \"t-1\", \"output\": {\"text\": \"b\"}}");

    // Then
    Eventually.holds(
        () ->
            assertThat(requestsOf(id))
                .extracting(Event::body)
                .anyMatch(
                    r -> r instanceof TruthSubmitted t && t.output().text().contains("\"b\"")));
  }

  @Test
  void shouldRegisterShowAndRemoveIntegrations() {
    // When
    var added =
        door.post(
            operator,
            "/v1/apps/orders/integrations",
            "{\"integrationId\": \"late\", \"source\": \"urn:late\"}");
    var taken =
        door.post(
            operator,
            "/v1/apps/orders/integrations",
            "{\"integrationId\": \"other\", \"source\": \"urn:shop\"}");

    // Then
    assertThat(added.status()).isEqualTo(201);
    assertThat(taken.status()).isEqualTo(409);
    assertThat(
            door.post(
                    operator,
                    "/v1/apps/orders/integrations",
                    "{\"integrationId\": \"odd\", \"source\": \"the shop\"}")
                .body()
                .at("/errors/0/pointer")
                .asText())
        .isEqualTo("/source");
    assertThat(
            door.post(
                    operator,
                    "/v1/apps/orders/integrations",
                    "{\"integrationId\": \"odd\", \"source\": \"urn:odd\", \"credentialKind\":"
                        + " \"hmac\"}")
                .body()
                .at("/errors/0/nearest/0")
                .asText())
        .isEqualTo("github-hmac");
    assertThat(
            door.get(operator, "/v1/apps/orders/integrations")
                .body()
                .findValuesAsText("integrationId"))
        .contains("github", "late", "shop");
    assertThat(door.delete(operator, "/v1/apps/orders/integrations/late").status()).isEqualTo(204);
    assertThat(door.delete(operator, "/v1/apps/orders/integrations/late").status()).isEqualTo(404);
  }

  private static FrontDoor.Answer deliver(String body, String signature, String delivery) {
    return deliver(HOOK, body, signature, delivery);
  }

  private static FrontDoor.Answer deliver(
      String path, String body, String signature, String delivery) {
    return door.post(
        "",
        path,
        body,
        "X-Hub-Signature-256",
        signature.isEmpty() ? " " : signature,
        "X-GitHub-Event",
        "issues",
        "X-GitHub-Delivery",
        delivery);
  }

  private static void sendBinary(String source, String id, String type, String json) {
    var record = new ProducerRecord<>(door.clients().name(Topic.INGRESS), id, bytes(json));
    record.headers().add("ce_specversion", bytes("1.0"));
    record.headers().add("ce_source", bytes(source));
    record.headers().add("ce_id", bytes(id));
    record.headers().add("ce_type", bytes(type));
    record.headers().add("content-type", bytes("application/json"));
    door.producer().send(record).join();
  }

  private static void sendStructured(String source, String id, String type, String json) {
    String event =
        """
        {"specversion": "1.0", "source": "%s", "id": "%s", "type": "%s", "data": %s}
        """
            .formatted(source, id, type, json);
    sendStructured(event);
  }

  private static void sendStructured(String event) {
    var record = new ProducerRecord<>(door.clients().name(Topic.INGRESS), "any", bytes(event));
    record.headers().add("content-type", bytes("application/cloudevents+json"));
    door.producer().send(record).join();
  }

  private static byte[] avro(String source, String id, String type, Map<String, Object> data) {
    return AvroEvents.write(
        Map.of("specversion", "1.0", "source", source, "id", id, "type", type), data);
  }

  private static void sendAvro(byte[] event) {
    var record = new ProducerRecord<>(door.clients().name(Topic.INGRESS), "avro", event);
    record.headers().add("content-type", bytes("application/cloudevents+avro"));
    door.producer().send(record).join();
  }

  private static ExecutionId source(String component, String source, String id) {
    return ExecutionId.ofSource(TenantId.DEFAULT, "orders", component, source, id);
  }

  private static List<Event<RequestEvent>> requestsOf(ExecutionId id) {
    return BROKER.read(Topic.REQUESTS, RequestEvent.class).stream()
        .filter(e -> e.envelope().executionId().equals(id.toString()))
        .toList();
  }

  private static List<IngressEvent> verdictsOn(String id) {
    return BROKER.read(Topic.EVENTS, IngressEvent.class).stream()
        .map(Event::body)
        .filter(body -> !(body instanceof EventAccepted))
        .filter(body -> body.outside().sourceEventId().equals(id))
        .toList();
  }

  private static List<String> reasons() {
    return BROKER.read(Topic.DEAD_LETTERS, DeadLetterEvent.class).stream()
        .map(e -> ((RecordDeadLettered) e.body()).reason())
        .toList();
  }

  /// Of all records that say their id in a header.
  private static List<String> idsOnIngress() {
    return new TopicReader(door.clients())
        .records(Topic.INGRESS).stream()
            .map(record -> record.headers().lastHeader("ce_id"))
            .filter(Objects::nonNull)
            .map(header -> new String(header.value(), StandardCharsets.UTF_8))
            .toList();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
