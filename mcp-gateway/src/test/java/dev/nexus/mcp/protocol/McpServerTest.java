package dev.nexus.mcp.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.AccessRefusedException;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class McpServerTest {
  private static final McpHeaders NONE = new McpHeaders("", "", "");
  private static final String META =
      """
      "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}}""";

  private final McpServer server = new McpServer("1.2.3", new SimpleMeterRegistry());

  /// Tools `t000`, `t001`, …; each echoes its arguments.
  private record Echoes(int count) implements Toolbox {
    @Override
    public String instructions() {
      return "echo";
    }

    @Override
    public List<Tool> tools() {
      JsonNode schema = CanonicalJson.read("{\"type\": \"object\"}");
      return IntStream.range(0, count)
          .mapToObj(i -> "t%03d".formatted(i))
          .map(name -> new Tool(name, name, "", schema, Optional.empty()))
          .toList();
    }

    @Override
    public ToolResult call(ToolCall call) {
      if (tools().stream().noneMatch(tool -> tool.name().equals(call.name()))) {
        throw new UnknownToolException("Unknown tool: " + call.name());
      }
      return new ToolResult(false, "text", Optional.of(call.arguments()), Map.of("a.b/c", "d"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2025-11-25, 2025-11-25",
    "2025-06-18, 2025-06-18",
    "2024-11-05, 2024-11-05",
    "2026-07-28, 2025-11-25",
    "1999-01-01, 2025-11-25"
  })
  void shouldAgreeOnALegacyRevision(String wanted, String agreed) {
    // When
    JsonNode result =
        legacy("initialize", "\"protocolVersion\": \"" + wanted + "\"").path("result");
    // Then
    assertThat(result.path("protocolVersion").asText()).isEqualTo(agreed);
    assertThat(result.path("serverInfo").path("version").asText()).isEqualTo("1.2.3");
    assertThat(result.path("capabilities").has("tools")).isTrue();
    assertThat(result.has("resultType")).isFalse();
  }

  @Test
  void shouldTakeNotificationsAndResponsesInSilence() {
    for (String message :
        List.of(
            "{\"jsonrpc\": \"2.0\", \"method\": \"notifications/initialized\"}",
            "{\"jsonrpc\": \"2.0\", \"id\": 4, \"result\": {}}")) {
      assertThat(answer(message, NONE)).isEqualTo(new McpAnswer(202, ""));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ | -32700",
        "'' | -32700",
        "{} {} | -32700",
        "[] | -32600",
        "7 | -32600",
        "{\"jsonrpc\": \"1.0\", \"id\": 1, \"method\": \"ping\"} | -32600",
        "{\"jsonrpc\": \"2.0\", \"id\": null, \"method\": \"ping\"} | -32600",
        "{\"jsonrpc\": \"2.0\", \"id\": 1.5, \"method\": \"ping\"} | -32600",
        "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": 2} | -32600",
        "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\", \"params\": []} | -32600",
        "{\"jsonrpc\": \"2.0\", \"id\": 1} | -32600"
      })
  void shouldRefuseWhatIsNoMessage(String body, int code) {
    // When
    McpAnswer answer = answer(body, NONE);
    // Then
    assertThat(answer.httpStatus()).isEqualTo(400);
    JsonNode message = CanonicalJson.read(answer.body());
    assertThat(message.path("error").path("code").asInt()).isEqualTo(code);
    assertThat(message.has("id")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "\"seven\"", "9007199254740993"})
  void shouldGiveTheIdBackAsItCame(String id) {
    // When
    McpAnswer answer =
        answer("{\"jsonrpc\": \"2.0\", \"id\": " + id + ", \"method\": \"ping\"}", NONE);
    // Then
    assertThat(CanonicalJson.read(answer.body()).path("id")).isEqualTo(CanonicalJson.read(id));
  }

  @Test
  void shouldCallATool() {
    // When
    JsonNode result =
        legacy("tools/call", "\"name\": \"t001\", \"arguments\": {\"x\": 1}").path("result");
    // Then
    assertThat(result.path("structuredContent").path("x").asInt()).isEqualTo(1);
    assertThat(result.path("content").get(0).path("text").asText()).isEqualTo("text");
    assertThat(result.path("_meta").path("a.b/c").asText()).isEqualTo("d");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tools/call | \"name\": \"nobody\" | -32602",
        "tools/call | \"name\": 3 | -32602",
        "tools/call | \"name\": \"t000\", \"arguments\": [] | -32602",
        "tools/list | \"cursor\": \"nonsense\" | -32602",
        "tools/list | \"cursor\": 3 | -32602",
        "server/gossip | \"a\": 1 | -32601"
      })
  void shouldRefuseWrongCallsByCode(String method, String params, int code) {
    assertThat(legacy(method, params).path("error").path("code").asInt()).isEqualTo(code);
  }

  @Test
  void shouldListEveryToolOnceOverAllPages() {
    // Given
    String cursor = "";
    int count = 0;
    String last = "";
    // When
    do {
      JsonNode page =
          CanonicalJson.read(
                  answer(
                          request(
                              "tools/list",
                              cursor.isEmpty() ? "" : "\"cursor\": \"" + cursor + "\""),
                          NONE,
                          250)
                      .body())
              .path("result");
      for (JsonNode tool : page.path("tools")) {
        assertThat(tool.path("name").asText()).isGreaterThan(last);
        last = tool.path("name").asText();
        count++;
      }
      cursor = page.path("nextCursor").asText();
    } while (!cursor.isEmpty());
    // Then
    assertThat(count).isEqualTo(250);
  }

  @Test
  void shouldSayInEveryModernResultThatItIsCompleteAndWhose() {
    for (String method : List.of("server/discover", "tools/list")) {
      // When
      JsonNode result =
          CanonicalJson.read(answer(request(method, META), modern(method, "")).body())
              .path("result");
      // Then
      assertThat(result.path("resultType").asText()).isEqualTo("complete");
      assertThat(result.path("cacheScope").asText()).isEqualTo("private");
      assertThat(result.path("ttlMs").asLong()).isPositive();
      assertThat(
              result.path("_meta").path("io.modelcontextprotocol/serverInfo").path("name").asText())
          .isEqualTo("nexus");
    }
  }

  @Test
  void shouldKeepToolMetaBesideTheServersOwn() {
    // When
    JsonNode result =
        CanonicalJson.read(
                answer(
                        request("tools/call", "\"name\": \"t000\"," + META),
                        modern("tools/call", "=?base64?dDAwMA==?="))
                    .body())
            .path("result");
    // Then
    assertThat(result.path("_meta").path("a.b/c").asText()).isEqualTo("d");
    assertThat(result.path("_meta").has("io.modelcontextprotocol/serverInfo")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "2025-11-25, tools/call, t000",
    "2026-07-28, tools/list, t000",
    "2026-07-28, '', t000",
    "2026-07-28, tools/call, t001",
    "2026-07-28, tools/call, ''",
    "2026-07-28, tools/call, =?base64?!!!?=",
    "'', tools/call, t000"
  })
  void shouldRefuseHeadersThatContradictTheBody(String revision, String method, String name) {
    // When
    McpAnswer answer =
        answer(
            request("tools/call", "\"name\": \"t000\"," + META),
            new McpHeaders(revision, method, name));
    // Then
    assertThat(answer.httpStatus()).isEqualTo(400);
    assertThat(code(answer)).isEqualTo(-32020);
  }

  @Test
  void shouldNameItsRevisionsWhenItLacksTheOneAskedFor() {
    // When
    McpAnswer answer =
        answer(
            request("tools/list", META.replace("2026-07-28", "2099-01-01")),
            new McpHeaders("2099-01-01", "tools/list", ""));
    // Then
    assertThat(answer.httpStatus()).isEqualTo(400);
    assertThat(code(answer)).isEqualTo(-32022);
    JsonNode data = CanonicalJson.read(answer.body()).path("error").path("data");
    assertThat(data.path("supported").get(0).asText()).isEqualTo("2026-07-28");
    assertThat(data.path("requested").asText()).isEqualTo("2099-01-01");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\"_meta\": {}",
        "\"_meta\": {\"io.modelcontextprotocol/protocolVersion\": \"2026-07-28\"}"
      })
  void shouldRefuseAModernRequestWithoutItsMeta(String params) {
    // When
    McpAnswer answer = answer(request("tools/list", params), modern("tools/list", ""));
    // Then
    assertThat(answer.httpStatus()).isEqualTo(400);
    assertThat(code(answer)).isEqualTo(-32602);
  }

  @ParameterizedTest
  @ValueSource(strings = {"initialize", "ping", "logging/setLevel", "subscriptions/listen"})
  void shouldAnswer404ForWhatTheModernEraHasNot(String method) {
    // When
    McpAnswer answer = answer(request(method, META), modern(method, ""));
    // Then
    assertThat(answer.httpStatus()).isEqualTo(404);
    assertThat(code(answer)).isEqualTo(-32601);
  }

  @Test
  void shouldRefuseAnUnknownLegacyRevision() {
    assertThat(code(answer(request("ping", ""), new McpHeaders("2019-01-01", "", ""))))
        .isEqualTo(-32022);
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(new IllegalStateException("secret"), 500, -32603, "the log tells more"),
        Arguments.of(
            Problem.unknown("application", "lob", List.of("lab")).exception(),
            404,
            -32602,
            "did you mean lab?"),
        Arguments.of(
            new AccessRefusedException(AccessRefusedException.Kind.FORBIDDEN, "not yours"),
            403,
            -32600,
            "not yours"),
        Arguments.of(
            new RequestNotAcceptedException("no broker"), 503, -32603, "does not take requests"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void shouldAnswerEveryFailureUnderTheIdOfItsRequest(
      RuntimeException failure, int status, int code, String message) {
    // When
    McpAnswer answer =
        server.answer(
            request("tools/list", ""),
            NONE,
            () -> {
              throw failure;
            });
    // Then
    assertThat(answer.httpStatus()).isEqualTo(status);
    assertThat(code(answer)).isEqualTo(code);
    JsonNode body = CanonicalJson.read(answer.body());
    assertThat(body.path("id").asInt()).isEqualTo(1);
    assertThat(body.path("error").path("message").asText()).contains(message);
    assertThat(answer.body()).doesNotContain("secret");
  }

  private JsonNode legacy(String method, String params) {
    return CanonicalJson.read(answer(request(method, params), new McpHeaders("", "", "")).body());
  }

  private static McpHeaders modern(String method, String name) {
    return new McpHeaders("2026-07-28", method, name);
  }

  private static String request(String method, String params) {
    return "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"%s\", \"params\": {%s}}"
        .formatted(method, params);
  }

  private McpAnswer answer(String body, McpHeaders headers) {
    return answer(body, headers, 2);
  }

  private McpAnswer answer(String body, McpHeaders headers, int tools) {
    return server.answer(body, headers, () -> new Echoes(tools));
  }

  private static int code(McpAnswer answer) {
    return CanonicalJson.read(answer.body()).path("error").path("code").asInt();
  }
}
