package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.NeedsTool;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The official TypeScript clients of both generations against the gateway.
@NeedsTool({"node", "npm"})
class McpClientIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static NodeProgram clients;

  @BeforeAll
  static void prepare() throws Exception {
    platform.apply("lab");
    clients = NodeProgram.install("mcp");
  }

  @ParameterizedTest
  @CsvSource({"v1, legacy, legacy", "v2, legacy, legacy", "v2, auto, modern"})
  void shouldListAndCallTools(String generation, String mode, String era) throws Exception {
    // When
    JsonNode answer =
        session(
            generation,
            mode,
            "/mcp",
            call("lab.greet", "{\"name\": \"Ada\", \"times\": 2}"),
            call("lab.count", "{\"input\": \"four\"}"),
            call("lab.echo", "{\"deep\": {\"list\": [1, 2.5, null]}}"));
    // Then
    assertThat(answer.path("era").asText()).isEqualTo(era);
    assertThat(answer.path("server").path("name").asText()).isEqualTo("nexus");
    assertThat(names(answer)).contains("lab.count", "lab.echo", "lab.greet").isSorted();
    assertThat(result(answer, 0).path("structuredContent").path("greeting").asText())
        .isEqualTo("Hello, Hello, Ada!");
    assertThat(result(answer, 1).path("structuredContent").path("result").asInt()).isEqualTo(4);
    assertThat(result(answer, 1).path("content").get(0).path("text").asText()).isEqualTo("4");
    assertThat(result(answer, 2).path("structuredContent").path("deep").path("list").size())
        .isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"v1, legacy", "v2, auto"})
  void shouldTellTheModelWhatItDidWrong(String generation, String mode) throws Exception {
    // When
    JsonNode answer =
        session(
            generation,
            mode,
            "/mcp/lab",
            call("greet", "{\"name\": \"\", \"times\": 9}"),
            call("broken", "{}"),
            call("gret", "{}"));
    // Then
    JsonNode violation = result(answer, 0);
    assertThat(violation.path("isError").asBoolean()).isTrue();
    assertThat(violation.path("content").get(0).path("text").asText())
        .contains("/name")
        .contains("/times");
    JsonNode failure = result(answer, 1);
    assertThat(failure.path("isError").asBoolean()).isTrue();
    assertThat(failure.path("content").get(0).path("text").asText()).contains("on purpose");
    JsonNode unknown = answer.path("results").get(2).path("error");
    assertThat(unknown.path("code").asInt()).isEqualTo(-32602);
    assertThat(unknown.path("message").asText()).contains("did you mean greet?");
  }

  @Test
  void shouldListManyToolsInPages() throws Exception {
    // Given
    StringBuilder definition =
        new StringBuilder("appId: wide\ndisplayName: Wide\nversion: 1.0.0\ncomponents:\n");
    for (int i = 0; i < 230; i++) {
      definition.append(
          "  - componentId: c%03d%n    handlerType: BUILTIN%n    taskDetails: {function: echo}%n"
              .formatted(i));
    }
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files").put("app_definition.yaml", definition.toString());
    platform.apply("wide", body);
    // When
    JsonNode answer = session("v2", "auto", "/mcp/wide");
    // Then
    int ofState = 4;
    assertThat(answer.path("tools")).hasSize(230 + ofState);
    assertThat(names(answer)).isSorted().doesNotHaveDuplicates();
  }

  private static JsonNode session(String generation, String mode, String path, ObjectNode... calls)
      throws Exception {
    ObjectNode asked = JsonNodeFactory.instance.objectNode();
    asked.put("generation", generation);
    asked.put("mode", mode);
    asked.put("url", platform.url() + path);
    asked.put("key", platform.operatorKey());
    asked.putArray("calls").addAll(List.of(calls));
    JsonNode answer = CanonicalJson.read(clients.run("client.mjs", asked.toString()));
    assertThat(answer.path("failure").isMissingNode()).as(answer.toString()).isTrue();
    return answer;
  }

  private static ObjectNode call(String tool, String arguments) {
    ObjectNode call = JsonNodeFactory.instance.objectNode();
    call.put("name", tool);
    call.set("arguments", CanonicalJson.read(arguments));
    return call;
  }

  private static JsonNode result(JsonNode answer, int index) {
    JsonNode one = answer.path("results").path(index);
    assertThat(one.has("result")).as(one.toString()).isTrue();
    return one.path("result");
  }

  private static List<String> names(JsonNode answer) {
    List<String> names = new ArrayList<>();
    answer.path("tools").forEach(tool -> names.add(tool.path("name").asText()));
    return names;
  }
}
