package dev.nexus.e2e;

import static dev.nexus.rig.PlatformExtension.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Integrations of two tenants on one installation: what comes by that of one runs, and shows, what
/// is of that tenant; to the other, and to the operators' own tenant, neither exists.
class TenantEventsIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final String OWNER = "globex";
  private static final String SOURCE = "urn:globex:shop";
  private static final String STRANGER = "initech";
  private static final String STRANGERS_SOURCE = "urn:initech:shop";
  private static final String TYPE = "com.example.order.placed";

  private static String owner;
  private static String stranger;

  @BeforeAll
  static void register() {
    platform.apply("lab");
    owner = tenant(OWNER);
    stranger = tenant(STRANGER);
    json(apply(owner, definition(OWNER, SOURCE, "")), 200);
    // One trigger takes everything, the other one names what is not its tenant's.
    String grasping =
        "  - {triggerId: theirs, eventType: \"*\", source: \"" + SOURCE + "\", component: keep}\n";
    json(apply(stranger, definition(STRANGER, STRANGERS_SOURCE, grasping)), 200);
  }

  @Test
  void shouldRunAnEventForTheTenantOfItsIntegrationOnly() throws Exception {
    try (LiveStream owners = LiveStream.of(platform, owner);
        LiveStream strangers = LiveStream.of(platform, stranger);
        LiveStream operators = LiveStream.of(platform, platform.operatorKey())) {
      // When
      json(publish(owner, SOURCE, "order-1", TYPE, "{\"text\": \"a lamp\"}"), 202);

      // Then its component has run, and nobody else's
      String execution = execution(OWNER, SOURCE, "order-1");
      JsonNode event = awaitEvent(owner, "matched", "order-1");
      assertThat(event.path("executions").valueStream().map(JsonNode::asText))
          .containsExactly(execution);
      owners.awaitEnd(execution);
      Eventually.holds(() -> assertThat(executions(owner)).contains(execution));

      // And nobody else sees it: what they see next of their own would come after it
      json(publish(stranger, STRANGERS_SOURCE, "order-2", TYPE, "{}"), 202);
      String next = execution(STRANGER, STRANGERS_SOURCE, "order-2");
      String called =
          json(platform.post("/v1/apps/lab/components/echo/invoke", "1"), 200)
              .path("executionId")
              .asText();
      strangers.awaitEnd(next);
      operators.awaitEnd(called);
      assertThat(strangers.ended()).doesNotContain(execution);
      assertThat(operators.ended()).doesNotContain(execution);
      Eventually.holds(() -> assertThat(executions(stranger)).contains(next));
      assertThat(awaitEvent(stranger, "matched", "order-2").path("source").asText())
          .isEqualTo(STRANGERS_SOURCE);
      for (String key : List.of(stranger, platform.operatorKey())) {
        assertThat(executions(key)).doesNotContain(execution);
        json(as(key, "GET", "/v1/executions/" + execution, ""), 404);
        assertThat(events(key, "id=order-1")).isEmpty();
        assertThat(events(key, "source=" + SOURCE)).isEmpty();
        json(as(key, "GET", "/v1/events?app=globex-lab", ""), 404);
        String place = "/v1/events/" + event.path("place").asText();
        json(as(key, "GET", place, ""), 404);
        json(as(key, "GET", place + "/data", ""), 404);
        json(as(key, "GET", "/v1/stream?app=globex-lab", ""), 404);
      }
    }
  }

  @Test
  void shouldLetNobodyPublishIntoTheIntegrationOfAnotherTenant() {
    for (String key : List.of(stranger, platform.operatorKey())) {
      JsonNode refusal = json(publish(key, SOURCE, "forged", TYPE, "{}"), 422);

      assertThat(refusal.path("type").asText()).contains("unregistered-source");
      assertThat(refusal.toString()).as("what it tells of others").doesNotContain(OWNER + "-");
    }
    assertThat(IngressIds.of(platform)).doesNotContain("forged");
  }

  @Test
  void shouldLetNobodyTakeListOrRemoveTheIntegrationOfAnotherTenant() {
    // Given
    String integrations = "/v1/apps/initech-lab/integrations";

    // When
    HttpResponse<String> sameSource =
        as(
            stranger,
            "POST",
            integrations,
            "{\"integrationId\": \"own\", \"source\": \"" + SOURCE + "\"}");
    HttpResponse<String> sameId =
        as(
            stranger,
            "POST",
            integrations,
            "{\"integrationId\": \"globex-shop\", \"source\": \"urn:initech:other\"}");
    HttpResponse<String> declared = apply(stranger, definition(STRANGER, SOURCE, ""));

    // Then
    for (HttpResponse<String> refused : List.of(sameSource, sameId, declared)) {
      assertThat(json(refused, 409).path("detail").asText())
          .contains("belongs to another tenant")
          .doesNotContain("globex-lab", "default");
    }
    json(as(stranger, "GET", "/v1/apps/globex-lab/integrations", ""), 404);
    json(as(stranger, "DELETE", "/v1/apps/globex-lab/integrations/globex-shop", ""), 404);
    json(as(stranger, "DELETE", integrations + "/globex-shop", ""), 404);
    assertThat(
            json(as(owner, "GET", "/v1/apps/globex-lab/integrations", ""), 200)
                .findValuesAsText("source"))
        .containsExactly(SOURCE);
  }

  @Test
  void shouldTakeNoTruthAboutAnEventOfAnotherTenant() {
    // Given
    json(publish(owner, SOURCE, "order-3", TYPE, "{\"text\": \"a chair\"}"), 202);
    awaitEvent(owner, "matched", "order-3");

    // When
    String truth =
        "{\"source\": \"%s\", \"id\": \"order-3\", \"output\": {\"text\": \"a lie\"}}"
            .formatted(SOURCE);
    json(publish(stranger, STRANGERS_SOURCE, "truth-3", "dev.nexus.truth", truth), 202);

    // Then it is decided, and asks for nothing
    JsonNode decided = awaitEvent(stranger, "refused", "truth-3");
    assertThat(decided.path("reason").asText()).contains("is not registered");
    assertThat(decided.path("executions")).isEmpty();
  }

  /// Within a tenant too, keys are for applications.
  @Test
  void shouldTakeNoTruthAboutAnEventOfAnotherApplication() {
    // Given
    String other = "urn:globex:returns";
    json(apply(owner, definition("globex-returns", other, "")), 200);
    String key =
        json(
                as(owner, "POST", "/v1/keys", "{\"scopes\": [\"app:globex-returns-lab:invoke\"]}"),
                201)
            .path("key")
            .asText();
    json(publish(owner, SOURCE, "order-4", TYPE, "{\"text\": \"a table\"}"), 202);
    awaitEvent(owner, "matched", "order-4");

    // When
    String truth =
        "{\"source\": \"%s\", \"id\": \"order-4\", \"output\": {\"text\": \"a lie\"}}"
            .formatted(SOURCE);
    json(publish(key, other, "truth-4", "dev.nexus.truth", truth), 202);

    // Then it is decided, and asks for nothing
    JsonNode decided = awaitEvent(owner, "refused", "truth-4");
    assertThat(decided.path("reason").asText()).contains("of another application");
    assertThat(decided.path("executions")).isEmpty();
    json(publish(key, SOURCE, "truth-5", "dev.nexus.truth", truth), 403);
  }

  @Test
  void shouldShowWhatWasPutAsideToOperatorsOfTheInstallationOnly() throws Exception {
    // Given an event of the integration whose data is none
    RecordMetadata place;
    try (var producer = clients().producer(OWNER)) {
      place = producer.send(event("torn", "{\"text\": ")).get();
    }
    String path = "/v1/dead-letters/nexus.ingress-" + place.partition() + "@" + place.offset();

    // When it is put aside
    Eventually.holds(
        () ->
            assertThat(json(platform.get(path), 200).path("value").asText())
                .isEqualTo("{\"text\": "));

    // Then no tenant sees it, not even its own
    for (String key : List.of(owner, stranger)) {
      json(as(key, "GET", "/v1/dead-letters", ""), 403);
      json(as(key, "GET", path, ""), 403);
      json(as(key, "POST", path + "/replay", ""), 403);
      json(as(key, "POST", "/v1/dead-letters/replay", "{\"ids\": [\"x\"]}"), 403);
    }
  }

  private static KafkaClients clients() {
    return new KafkaClients(platform.platform().settings());
  }

  private static ProducerRecord<String, byte[]> event(String id, String data) {
    var record =
        new ProducerRecord<>(
            clients().name(Topic.INGRESS), id, data.getBytes(StandardCharsets.UTF_8));
    attributes(SOURCE, id, TYPE)
        .forEach(
            (name, value) ->
                record.headers().add("ce_" + name, value.getBytes(StandardCharsets.UTF_8)));
    record.headers().add("content-type", "application/json".getBytes(StandardCharsets.UTF_8));
    return record;
  }

  private static Map<String, String> attributes(String source, String id, String type) {
    return Map.of("specversion", "1.0", "source", source, "id", id, "type", type);
  }

  private static HttpResponse<String> publish(
      String key, String source, String id, String type, String data) {
    List<String> headers = new ArrayList<>();
    attributes(source, id, type)
        .forEach((name, value) -> headers.addAll(List.of("ce-" + name, value)));
    return platform.send("POST", "/v1/events", key, data, headers);
  }

  private static List<String> executions(String key) {
    return json(as(key, "GET", "/v1/executions?limit=500", ""), 200)
        .findValuesAsText("executionId");
  }

  private static List<JsonNode> events(String key, String query) {
    return json(as(key, "GET", "/v1/events?" + query, ""), 200)
        .path("events")
        .valueStream()
        .toList();
  }

  /// The one event with this id, when this has become of it.
  private static JsonNode awaitEvent(String key, String status, String id) {
    return Eventually.value(
            () -> events(key, "id=" + id + "&status=" + status),
            found -> found.size() == 1,
            "the event " + id)
        .getFirst();
  }

  private static String execution(String tenant, String source, String id) {
    return ExecutionId.ofSource(new TenantId(tenant), tenant + "-lab", "keep", source, id)
        .toString();
  }

  private static HttpResponse<String> as(String key, String method, String path, String body) {
    return platform.send(method, path, key, body, List.of());
  }

  /// Registers a tenant; its first key.
  private static String tenant(String id) {
    return json(platform.post("/v1/tenants", "{\"tenantId\": \"" + id + "\"}"), 201)
        .path("key")
        .asText();
  }

  private static HttpResponse<String> apply(String key, String definition) {
    var body = JsonNodeFactory.instance.objectNode();
    body.putObject("files").put("app_definition.yaml", definition);
    String app = definition.substring("appId: ".length(), definition.indexOf('\n'));
    return as(key, "POST", "/v1/apps/" + app + "/apply", body.toString());
  }

  private static String definition(String tenant, String source, String moreTriggers) {
    return """
    appId: %1$s-lab
    components:
      - {componentId: keep, handlerType: BUILTIN, taskDetails: {function: echo}, truth: reported}
    integrations:
      - {integrationId: %1$s-shop, source: "%2$s"}
    triggers:
      - {triggerId: all, eventType: "*", component: keep}
    """
            .formatted(tenant, source)
        + moreTriggers;
  }
}
