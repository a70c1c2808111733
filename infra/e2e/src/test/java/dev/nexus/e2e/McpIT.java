package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// MCP as it is on the wire, whatever the client.
class McpIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final String META =
      """
      "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}}\
      """;

  @BeforeAll
  static void publish() {
    platform.apply("lab");
  }

  @Test
  void shouldAnswerAModernCallWithoutAnyHandshake() {
    // When
    JsonNode answer =
        modern(
            "/mcp",
            "tools/call",
            "lab.greet",
            "\"name\": \"lab.greet\", \"arguments\": {\"name\": \"Ada\"},");
    // Then
    JsonNode result = answer.path("result");
    assertThat(result.path("resultType").asText()).isEqualTo("complete");
    assertThat(result.path("structuredContent").path("greeting").asText()).isEqualTo("Hello, Ada!");
    assertThat(result.path("isError").asBoolean()).isFalse();
    String execution = result.path("_meta").path("dev.nexus/executionId").asText();
    String token = result.path("_meta").path("dev.nexus/token").asText();
    JsonNode shown =
        PlatformExtension.json(
            platform.shown("/v1/executions/" + execution, token, platform.operatorKey()), 200);
    assertThat(shown.path("status").asText()).isEqualTo("SUCCEEDED");
    assertThat(shown.path("origin").asText()).isEqualTo("mcp");
  }

  @Test
  void shouldDescribeItselfToModernClients() {
    // When
    JsonNode result = modern("/mcp", "server/discover", "", "").path("result");
    // Then
    assertThat(result.path("supportedVersions").get(0).asText()).isEqualTo("2026-07-28");
    assertThat(result.path("capabilities").has("tools")).isTrue();
    assertThat(result.path("cacheScope").asText()).isEqualTo("private");
    assertThat(result.path("ttlMs").isNumber()).isTrue();
  }

  @Test
  void shouldNameComponentsAloneInTheServerOfOneApplication() {
    // When
    JsonNode result = modern("/mcp/lab", "tools/list", "", "").path("result");
    // Then
    assertThat(names(result))
        .containsExactly(
            "broken",
            "core.state.delete",
            "core.state.get",
            "core.state.increment",
            "core.state.set",
            "count",
            "echo",
            "greet",
            "late");
  }

  @Test
  void shouldAnswerARepeatedCallFromTheRecord() {
    // Given
    String params =
        "\"name\": \"echo\", \"arguments\": {\"n\": 1},"
            + META.replace("{}}", "{}, \"dev.nexus/idempotencyKey\": \"again\"}");
    // When
    JsonNode first = send("/mcp/lab", "tools/call", "echo", params, platform.operatorKey());
    JsonNode second = send("/mcp/lab", "tools/call", "echo", params, platform.operatorKey());
    // Then
    String member = "dev.nexus/executionId";
    assertThat(first.path("result").path("_meta").path(member).asText())
        .isNotEmpty()
        .isEqualTo(second.path("result").path("_meta").path(member).asText());
  }

  @Test
  void shouldTellTheModelThatAnIdempotencyKeyIsTooLong() {
    // Given
    String key = "k".repeat(256);
    String params =
        "\"name\": \"echo\", \"arguments\": {\"n\": 1},"
            + META.replace("{}}", "{}, \"dev.nexus/idempotencyKey\": \"" + key + "\"}");
    // When
    JsonNode answer = send("/mcp/lab", "tools/call", "echo", params, platform.operatorKey());
    // Then
    assertThat(answer.at("/result/isError").asBoolean()).as(answer.toString()).isTrue();
    assertThat(answer.at("/result/content/0/text").asText()).contains("1 to 255 characters");
  }

  @Test
  void shouldRefuseACallWithoutAKey() {
    // When
    var response = platform.send("POST", "/mcp", "", ping(), List.of());
    // Then
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.headers().firstValue("WWW-Authenticate").orElse("")).startsWith("Bearer");
  }

  @Test
  void shouldListOnlyWhatTheKeyMayRun() {
    // When
    JsonNode answer =
        send("/mcp", "tools/list", "", META, platform.key("app:other:invoke", "app:lab:read"));
    // Then
    assertThat(names(answer.path("result"))).isEmpty();
  }

  @Test
  void shouldAuditACallBeyondTheScopesOfItsKey() {
    // Given
    String key = platform.key("app:other:invoke");
    String body = request("tools/call", "\"name\": \"lab.echo\", \"arguments\": {}," + META);
    // When
    var response = platform.send("POST", "/mcp", key, body, headers("tools/call", "lab.echo"));
    // Then
    assertThat(response.statusCode()).isEqualTo(403);
    Eventually.holds(
        () ->
            assertThat(Denials.of(platform))
                .anySatisfy(
                    denied -> {
                      assertThat(denied.actor()).isEqualTo(Denials.actorOf(key));
                      assertThat(denied.denial().resource()).isEqualTo("app:lab");
                    }));
  }

  @Test
  void shouldRefuseAForeignPage() {
    // When
    var response =
        platform.send(
            "POST",
            "/mcp",
            platform.operatorKey(),
            ping(),
            List.of("Origin", "https://attacker.example"));
    // Then
    assertThat(response.statusCode()).isEqualTo(403);
  }

  @Test
  void shouldOfferPostOnly() {
    for (String method : List.of("GET", "DELETE")) {
      // When
      var response =
          platform.send(
              method, "/mcp", platform.operatorKey(), "", List.of("Accept", "text/event-stream"));
      // Then
      assertThat(response.statusCode()).as(method).isEqualTo(405);
      assertThat(response.headers().firstValue("Allow").orElse("")).contains("POST");
    }
  }

  @Test
  void shouldAnswer404ForAnUnknownApplication() {
    // When
    var response =
        platform.send(
            "POST",
            "/mcp/lob",
            platform.operatorKey(),
            request("tools/list", META),
            headers("tools/list", ""));
    // Then
    assertThat(response.statusCode()).isEqualTo(404);
    JsonNode answer = CanonicalJson.read(response.body());
    assertThat(answer.path("id").isMissingNode()).as("a client finds its request").isFalse();
    assertThat(answer.path("error").path("message").asText()).contains("did you mean lab?");
  }

  private static List<String> names(JsonNode result) {
    List<String> names = new ArrayList<>();
    result.path("tools").forEach(tool -> names.add(tool.path("name").asText()));
    return names;
  }

  private static JsonNode modern(String path, String method, String name, String params) {
    return send(path, method, name, params + META, platform.operatorKey());
  }

  private static JsonNode send(String path, String method, String name, String params, String key) {
    return PlatformExtension.json(
        platform.send("POST", path, key, request(method, params), headers(method, name)), 200);
  }

  private static String request(String method, String params) {
    return "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"%s\", \"params\": {%s}}"
        .formatted(method, params);
  }

  private static List<String> headers(String method, String name) {
    List<String> headers =
        new ArrayList<>(List.of("MCP-Protocol-Version", "2026-07-28", "Mcp-Method", method));
    if (!name.isEmpty()) {
      headers.addAll(List.of("Mcp-Name", name));
    }
    return headers;
  }

  private static String ping() {
    return "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}";
  }
}
