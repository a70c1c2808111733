package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A trigger with `orderBy`, from events over HTTP to what a person sees of those that wait.
class OrderByIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final String DEFINITION =
      """
      appId: turns
      components:
        - {componentId: pack, handlerType: JIT, timeout: 10m, taskDetails: {script: pack}}
        - {componentId: brief, handlerType: JIT, timeout: 10s, taskDetails: {script: pack}}
      integrations:
        - {integrationId: turns-shop, source: "urn:turns:shop"}
      triggers:
        - triggerId: by-shop
          eventType: com.example.packed
          orderBy: event.data.shop
          component: pack
        - triggerId: by-depot
          eventType: com.example.stored
          orderBy: event.data.depot
          component: brief
      """;

  /// Never ends where the event says so: the component's time, which is over before its attempts
  /// are, ends it, or who cancels it.
  private static final String SCRIPT =
      """
      function handle(input) {
        while (input.hangs) {}
        if (input.fails) throw new Error('no box is left');
        return input;
      }
      """;

  @BeforeAll
  static void apply() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files").put("app_definition.yaml", DEFINITION).put("_jit_code/pack.js", SCRIPT);
    platform.apply("turns", body);
  }

  @Test
  void shouldRunWhatIsOfOneShopOneAfterTheOtherInTheOrderOfTheEvents() {
    // Given: one of them fails
    List<String> ids = IntStream.range(0, 8).mapToObj(i -> "one-" + i).toList();

    // When
    ids.forEach(id -> publish(id, Map.of("shop", 1, "fails", id.equals("one-3"))));

    // Then
    ids.forEach(id -> await(id, id.equals("one-3") ? "FAILED" : "SUCCEEDED"));
    List<String> log = log(ids);
    for (int i = 1; i < ids.size(); i++) {
      assertThat(log)
          .as("turn of %s", ids.get(i))
          .containsSubsequence(end(ids.get(i - 1)), "TurnTaken " + id(ids.get(i)));
    }
  }

  @Test
  void shouldShowWhoWaitsAndPassACancelledOneOver() {
    // Given: one that does not end, and three behind it
    publish("two-0", Map.of("shop", 2, "hangs", true));
    publish("two-1", Map.of("shop", 2));
    publish("two-2", Map.of("shop", 2));
    publish("two-3", Map.of("shop", 2));

    // When
    publish("other-shop", Map.of("shop", 3));
    await("other-shop", "SUCCEEDED");
    JsonNode waiting = await("two-1", "WAITING");
    await("two-2", "WAITING");
    await("two-3", "WAITING");
    cancel("two-2");

    // Then: nobody waits for the other shop, and all go on when the first one has ended
    assertThat(waiting.path("reason").asText()).contains("before it", "turns/by-shop 2");
    assertThat(
            PlatformExtension.json(platform.get("/v1/executions?status=waiting"), 200)
                .path("executions")
                .findValuesAsText("executionId"))
        .contains(id("two-3"));
    cancel("two-0");
    await("two-1", "SUCCEEDED");
    await("two-3", "SUCCEEDED");
    assertThat(shown("two-2").path("status").asText()).isEqualTo("CANCELLED");
    assertThat(platform.get("/v1/projections/verify?projections=executions").body())
        .contains("event: done", "\"equal\":true");
  }

  @Test
  void shouldLetTheNextGoOnWhenTheTimeOfTheFirstIsOver() {
    // When: nobody ends it
    publish("brief-0", Map.of("depot", 1, "hangs", true));
    publish("brief-1", Map.of("depot", 1));

    // Then
    await("brief-0", "TIMED_OUT");
    await("brief-1", "SUCCEEDED");
  }

  private static void cancel(String event) {
    PlatformExtension.json(
        platform.post("/v1/executions/" + id(event) + "/cancel?wait=30s", "{\"reason\": \"sold\"}"),
        200);
  }

  /// Starts `brief` where the event is called so, else `pack`.
  private static void publish(String id, Map<String, Object> data) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    data.forEach(body::putPOJO);
    PlatformExtension.json(
        platform.send(
            "POST",
            "/v1/events",
            platform.operatorKey(),
            body.toString(),
            List.of(
                "ce-specversion",
                "1.0",
                "ce-id",
                id,
                "ce-source",
                "urn:turns:shop",
                "ce-type",
                isBrief(id) ? "com.example.stored" : "com.example.packed")),
        202);
  }

  private static String id(String event) {
    return execution(event).toString();
  }

  private static ExecutionId execution(String event) {
    String component = isBrief(event) ? "brief" : "pack";
    return ExecutionId.ofSource(TenantId.DEFAULT, "turns", component, "urn:turns:shop", event);
  }

  private static boolean isBrief(String event) {
    return event.startsWith("brief");
  }

  private static JsonNode await(String event, String status) {
    return Eventually.value(
        () -> shown(event),
        found -> found.path("status").asText().equals(status),
        event + " is " + status);
  }

  private static JsonNode shown(String event) {
    var found = platform.get("/v1/executions/" + id(event));
    return found.statusCode() == 404
        ? JsonNodeFactory.instance.objectNode()
        : PlatformExtension.json(found, 200);
  }

  private static String end(String event) {
    return (event.equals("one-3") ? "ExecutionFailed " : "ExecutionSucceeded ") + id(event);
  }

  /// Type and execution of the facts that came of these events, in the order of the log, which has
  /// one partition here. Times of facts are those of what was asked, and may cross by what a
  /// transaction takes. Other classes share the topic, and write to it what is no fact.
  private static List<String> log(List<String> events) {
    Set<String> own =
        events.stream()
            .map(event -> Keys.execution(TenantId.DEFAULT, execution(event)))
            .collect(Collectors.toSet());
    EventCodec<ExecutionEvent> codec = EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
    var reader = new TopicReader(new KafkaClients(platform.platform().settings()));
    return reader.records(Topic.EXECUTIONS).stream()
        .filter(record -> own.contains(record.key()))
        .map(record -> codec.decode(record.value()))
        .map(e -> e.body().getClass().getSimpleName() + " " + e.envelope().executionId())
        .toList();
  }
}
