package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.ScriptedAnswer;
import dev.nexus.scriptedmodel.ScriptedModel;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.OtlpServer;
import dev.nexus.testkit.OtlpServer.Received;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// One request in a tracing system: from the caller's span through every hop of a platform that
/// works, in order and under one trace.
class TracesIT {
  private static final String CALLER = "b7ad6b7169203331";
  private static final int SERVER = 2;
  private static final int CLIENT = 3;

  private static final OtlpServer RECEIVER = OtlpServer.start();

  /// The `traceparent` of each call of the model.
  private static final List<String> ASKED = new CopyOnWriteArrayList<>();

  private static final ScriptedModel MODEL =
      ScriptedModel.builder()
          .traces(ASKED::add)
          .behaviour(Behaviour.flawless(1).withMedianLatency(Duration.ofMillis(5)))
          .script(found -> Optional.of(ScriptedAnswer.always(found.getFirst(), found.getFirst())))
          .start();

  @RegisterExtension
  static final PlatformExtension platform =
      PlatformExtension.ofClass(
          Map.of(
              "NEXUS_OTLP_ENDPOINT",
              RECEIVER.url(),
              "NEXUS_LLM_BASE_URL",
              MODEL.baseUrl().toString(),
              "NEXUS_LLM_MODEL",
              ScriptedModel.NAME));

  @BeforeAll
  static void apply() {
    platform.apply("lab");
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files")
        .put(
            "app_definition.yaml",
            """
            appId: asking
            components:
              - componentId: ask
                handlerType: LLM
                taskDetails: {template: '{{ input | tojson }}'}
            integrations:
              - {integrationId: shop, source: 'urn:traced-shop'}
            triggers:
              - {triggerId: all, eventType: com.example.traced, component: ask}
            """);
    platform.apply("asking", body);
  }

  @AfterAll
  static void end() {
    MODEL.close();
    RECEIVER.close();
  }

  @Test
  void shouldFollowAPromptThroughEveryHop() {
    // Given
    String trace = "0af7651916cd43dd8448eb211c80319c";

    // When
    PlatformExtension.json(
        platform.send(
            "POST",
            "/v1/apps/asking/components/ask/invoke?wait=100s",
            platform.operatorKey(),
            "{\"question\": 1}",
            List.of("traceparent", "00-" + trace + "-" + CALLER + "-01")),
        200);

    // Then
    String chat = "chat " + ScriptedModel.NAME;
    Map<String, Received> spans =
        spans(trace, "invoke ask", "accept ask", "task ask", "prompt ask", chat);
    Received execution = spans.get("invoke ask");
    assertThat(execution.parentId()).isEqualTo(CALLER);
    assertThat(execution.kind()).isEqualTo(SERVER);
    assertThat(execution.service()).isEqualTo("nexus-command-service");
    assertIn(execution, spans.get("accept ask"));
    assertIn(execution, spans.get("task ask"));
    assertIn(spans.get("task ask"), spans.get("prompt ask"));
    assertIn(spans.get("prompt ask"), spans.get(chat));
    assertThat(spans.get("prompt ask").service()).isEqualTo("nexus-sandbox-executor");
    assertThat(spans.get(chat).kind()).isEqualTo(CLIENT);
    assertThat(spans.get(chat).attributes())
        .containsEntry("gen_ai.operation.name", "chat")
        .containsEntry("gen_ai.response.model", ScriptedModel.NAME)
        .containsKeys("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens");
    assertThat(spans.values()).allMatch(span -> span.failure().isEmpty());
    assertThat(asked(trace)).containsOnly("00-" + trace + "-" + spans.get(chat).spanId() + "-01");
  }

  @Test
  void shouldTellTheModelWhoseTraceItIsWhereTheCallerHasNone() {
    // When
    JsonNode answer =
        PlatformExtension.json(
            platform.post("/v1/apps/asking/components/ask/invoke?wait=100s", "{\"question\": 3}"),
            200);
    String execution = answer.path("executionId").asText();

    // Then
    Received chat =
        Eventually.value(
                () ->
                    RECEIVER.spans().stream()
                        .filter(span -> execution.equals(span.attributes().get("nexus.execution")))
                        .filter(span -> span.kind() == CLIENT)
                        .findFirst(),
                Optional::isPresent,
                "the span of the call")
            .orElseThrow();
    assertThat(asked(chat.traceId()))
        .containsOnly("00-" + chat.traceId() + "-" + chat.spanId() + "-01");
  }

  @Test
  void shouldTellTheModelThatTheCallerDoesNotRecord() {
    // Given
    String trace = "7bf92f3577b34da6a3ce929d0e0e4739";

    // When
    PlatformExtension.json(
        platform.send(
            "POST",
            "/v1/apps/asking/components/ask/invoke?wait=100s",
            platform.operatorKey(),
            "{\"question\": 4}",
            List.of("traceparent", "00-" + trace + "-" + CALLER + "-00")),
        200);

    // Then
    assertThat(asked(trace))
        .isNotEmpty()
        .allSatisfy(asked -> assertThat(asked).endsWith("-00").doesNotContain(CALLER));
  }

  @Test
  void shouldFollowAToolCallThroughEveryHop() {
    // Given
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    // When
    JsonNode answer =
        PlatformExtension.json(
            platform.send(
                "POST",
                "/mcp",
                platform.operatorKey(),
                """
                {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                 "params": {"name": "lab.greet", "arguments": {"name": "Ada"}}}""",
                List.of("traceparent", "00-" + trace + "-" + CALLER + "-01")),
            200);
    assertThat(answer.path("result").path("isError").asBoolean()).as(answer.toString()).isFalse();

    // Then
    Map<String, Received> spans =
        spans(trace, "tools/call greet", "accept greet", "task greet", "execute_tool greet");
    Received call = spans.get("tools/call greet");
    assertThat(call.parentId()).isEqualTo(CALLER);
    assertThat(call.service()).isEqualTo("nexus-mcp-gateway");
    assertThat(call.attributes())
        .containsEntry("mcp.method.name", "tools/call")
        .containsEntry("gen_ai.tool.name", "greet");
    assertIn(call, spans.get("accept greet"));
    assertIn(call, spans.get("task greet"));
    assertIn(spans.get("task greet"), spans.get("execute_tool greet"));
  }

  @Test
  void shouldFollowAnOutsideEventToWhatItStarted() {
    // Given
    String trace = "6bf92f3577b34da6a3ce929d0e0e4738";

    // When
    List<String> headers =
        List.of(
            "ce-specversion",
            "1.0",
            "ce-id",
            "one",
            "ce-source",
            "urn:traced-shop",
            "ce-type",
            "com.example.traced",
            "traceparent",
            "00-" + trace + "-" + CALLER + "-01");
    Eventually.value(
        () ->
            platform.send(
                "POST", "/v1/events", platform.operatorKey(), "{\"question\": 2}", headers),
        answer -> answer.statusCode() == 202,
        "the event is accepted");

    // Then
    Map<String, Received> spans =
        spans(
            trace,
            "process com.example.traced",
            "invoke ask",
            "accept ask",
            "task ask",
            "prompt ask",
            "chat " + ScriptedModel.NAME);
    Received event = spans.get("process com.example.traced");
    assertThat(event.parentId()).isEqualTo(CALLER);
    assertThat(event.attributes()).containsEntry("nexus.result", "matched");
    assertThat(spans.get("invoke ask").parentId()).isEqualTo(event.spanId());
    assertThat(spans.get("invoke ask").begin()).isGreaterThanOrEqualTo(event.begin());
  }

  @Test
  void shouldTellWhatFailed() {
    // Given
    String trace = "5bf92f3577b34da6a3ce929d0e0e4737";

    // When
    platform.send(
        "POST",
        "/v1/apps/lab/components/broken/invoke",
        platform.operatorKey(),
        "{}",
        List.of("traceparent", "00-" + trace + "-" + CALLER + "-01"));

    // Then
    Eventually.holds(
        () ->
            assertThat(of(trace))
                .filteredOn(span -> span.name().equals("invoke broken"))
                .singleElement()
                .satisfies(
                    span ->
                        assertThat(span.attributes())
                            .containsEntry("nexus.result", "failed")
                            .containsEntry("error.type", span.failure())));
    Eventually.holds(
        () ->
            assertThat(of(trace))
                .filteredOn(span -> span.name().equals("execute_tool broken"))
                .isNotEmpty()
                .noneMatch(span -> span.failure().isEmpty()));
  }

  /// The spans of a trace by name, when all of them have come, and no others.
  private static Map<String, Received> spans(String trace, String... names) {
    Eventually.holds(() -> assertThat(of(trace)).extracting(Received::name).contains(names));
    assertThat(of(trace)).extracting(Received::name).containsExactlyInAnyOrder(names);
    return of(trace).stream().collect(Collectors.toMap(Received::name, Function.identity()));
  }

  private static List<String> asked(String trace) {
    return ASKED.stream().filter(asked -> asked.contains(trace)).toList();
  }

  /// Each span once: what was not acknowledged in time is sent again.
  private static List<Received> of(String trace) {
    return RECEIVER.spans().stream()
        .filter(span -> span.traceId().equals(trace))
        .distinct()
        .toList();
  }

  private static void assertIn(Received parent, Received child) {
    assertThat(child.parentId()).as(child.name()).isEqualTo(parent.spanId());
    assertThat(child.begin()).as(child.name()).isBetween(parent.begin(), child.end());
    assertThat(child.end()).as(child.name()).isLessThanOrEqualTo(parent.end());
  }
}
