package dev.nexus.executor.container;

import static dev.nexus.executor.container.ExecuteRequests.DEEP;
import static dev.nexus.executor.container.ExecuteRequests.ID;
import static dev.nexus.executor.container.ExecuteRequests.MALFORMED;
import static dev.nexus.executor.container.ExecuteRequests.OTHER_STATE;
import static dev.nexus.executor.container.ExecuteRequests.SOURCES;
import static dev.nexus.executor.container.ExecuteRequests.STATE;
import static dev.nexus.executor.container.ExecuteRequests.body;
import static dev.nexus.executor.container.ExecuteRequests.details;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.container.RunnerConnection.Answer;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.testkit.NeedsTool;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What the real runners take and answer, message by message, and that the schemas say the same.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class RunnerContractIT {
  private static final String REQUEST = "execute-request.schema.json";
  private static final String RESPONSE = "execute-response.schema.json";

  /// Three bytes that are JSON, and not what a runner writes of calls.
  private static final String NO_CALLS = "[1]";

  private static final Map<String, JsonNode> SCHEMAS =
      Map.of(REQUEST, schema(REQUEST), RESPONSE, schema(RESPONSE));

  private final SchemaChecks schemas = new SchemaChecks();

  private static JsonNode schema(String name) {
    try (InputStream file =
        Objects.requireNonNull(ExecuteMessages.class.getResourceAsStream(name))) {
      return CanonicalJson.read(new String(file.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @BeforeAll
  static void images() throws Exception {
    Rig.open(1).close();
  }

  /// A runner whose image has a handler that returns its input.
  private static String image(Language language, Path directory) throws Exception {
    String file = language == Language.PYTHON ? "handler.py" : "handler.js";
    Files.writeString(
        directory.resolve("Dockerfile"),
        "FROM %s\nCOPY %s /app/\n".formatted(Rig.IMAGES.of(language), file));
    Files.writeString(
        directory.resolve(file),
        language == Language.PYTHON
            ? "def handle(i): return i\n"
            : "module.exports.handle = (i) => i;\n");
    String image = "nexus-test/contract-" + language.text() + ":" + SocketDirectory.name();
    var build = new ProcessBuilder("docker", "build", "-q", "-t", image, directory.toString());
    assertThat(build.inheritIO().start().waitFor()).isZero();
    return image;
  }

  private interface Conversation {
    void hold(RunnerConnection runner) throws Exception;
  }

  private static void with(Language language, Path directory, Conversation conversation)
      throws Exception {
    String image = image(language, directory);
    Path base = Files.createTempDirectory(Path.of("/tmp"), "nx");
    try (var docker = new Docker(Rig.HOST, "");
        SocketDirectory sockets = SocketDirectory.in(base)) {
      try (var runner =
          new RunnerConnection(
              docker,
              image,
              sockets.ofInstance(SocketDirectory.name()),
              Map.of(Engine.LABEL_BASE, sockets.id()))) {
        conversation.hold(runner);
      }
    } finally {
      SocketDirectory.removed(base);
      new ProcessBuilder("docker", "image", "rm", "--force", image).start().waitFor();
    }
  }

  private static Answer execute(RunnerConnection runner, String body) throws IOException {
    return runner.ask("POST", "/execute", headers(Map.of()), body.getBytes(UTF_8));
  }

  private static Map<String, String> headers(Map<String, String> others) {
    var headers = new TreeMap<>(Map.of("Content-Type", "application/json", "X-Request-ID", ID));
    headers.putAll(others);
    headers.values().remove("");
    return headers;
  }

  private List<?> faults(String schema, String message) {
    return schemas.check(schema, SCHEMAS.get(schema), CanonicalJson.read(message));
  }

  private static void assertProblem(Answer answer, int status, String words) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    JsonNode problem = CanonicalJson.read(answer.body());
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("title").asText()).isNotBlank();
    assertThat(problem.path("detail").asText()).contains(words);
  }

  private static void assertHealth(RunnerConnection runner, int calls) throws IOException {
    assertThat(runner.ask("GET", "/health", Map.of(), new byte[0]))
        .isEqualTo(new Answer(200, "{\"ready\": true, \"calls\": " + calls + "}"));
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldTakeEverySourceWithBothSpellingsOfTheState(Language language, @TempDir Path directory)
      throws Exception {
    with(
        language,
        directory,
        runner -> {
          int calls = 0;
          for (var source : SOURCES.entrySet()) {
            for (String state : List.of(STATE, OTHER_STATE, STATE + "," + OTHER_STATE)) {
              assertHealth(runner, calls);
              String asked =
                  body(
                      "\"source\":\"%s\",\"%sDetails\":%s"
                          .formatted(source.getKey(), source.getKey(), source.getValue()),
                      "," + state);
              assertThat(faults(REQUEST, asked)).as(asked).isEmpty();

              // When
              Answer answer = execute(runner, asked);

              // Then
              assertThat(answer.status()).as(answer.body()).isEqualTo(200);
              assertThat(faults(RESPONSE, answer.body())).as(answer.body()).isEmpty();
              JsonNode said = CanonicalJson.read(answer.body());
              JsonNode details = CanonicalJson.read(source.getValue());
              assertThat(said.path("requestId").asText()).isEqualTo(ID);
              assertThat(said.path("resultType").asText()).isEqualTo("generic");
              assertThat(said.path("data"))
                  .isEqualTo(source.getKey().equals("internal") ? details.path("input") : details);
              calls++;
            }
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldAnswerFailuresAsTheSchemaSays(Language language, @TempDir Path directory)
      throws Exception {
    boolean python = language == Language.PYTHON;
    Map<String, String> codes =
        Map.of(
            python ? "def handle(i): deopt('odd')" : "function handle(i) { deopt('odd'); }",
                "DEOPT",
            python ? "def handle(i): return i.x" : "function handle(i) { return i.x.y; }", "CRASH",
            python ? "def handle(i): return {1}" : "function handle(i) { return 1n; }",
                "INVALID_RESULT",
            python ? "def handle(i): return tool('x')" : "function handle(i) { return tool('x'); }",
                "PERMISSION",
            python
                    ? "def handle(i): return 'x' * 9**6"
                    : "function handle(i) { return 'x'.repeat(9**6); }",
                "OUTPUT",
            python ? "def handle(i):\\n while True: pass" : "function handle(i) { for (;;); }",
                "TIMEOUT");
    with(
        language,
        directory,
        runner -> {
          for (var one : codes.entrySet()) {
            String asked =
                details(
                    "internal",
                    "{\"input\":1,\"code\":{\"language\":\"%s\",\"source\":\"%s\"}}"
                        .formatted(language.text(), one.getKey()));
            assertThat(faults(REQUEST, asked)).isEmpty();
            Answer answer = execute(runner, asked);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(faults(RESPONSE, answer.body())).as(answer.body()).isEmpty();
            assertThat(CanonicalJson.read(answer.body()).at("/data/code").asText())
                .as(one.getKey())
                .isEqualTo(one.getValue());
          }
        });
  }

  private static String callOf(Language language, String source) {
    String details =
        "{\"input\":1,\"code\":{\"language\":\"%s\",\"source\":\"%s\"}}"
            .formatted(language.text(), source);
    return body(
        "\"source\":\"internal\",\"internalDetails\":" + details,
        ",\"mcp_endpoint\":\"http+unix://%2Frun%2Fnexus%2Fmcp.sock/mcp/none\"");
  }

  /// Nobody answers here, which is a call, too.
  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldTellWhichToolsCodeSaysThatItCalled(Language language, @TempDir Path directory)
      throws Exception {
    boolean python = language == Language.PYTHON;
    String calling =
        python
            ? "def handle(i):\\n for n in ('a', 'b', 'a'):\\n  try: tool(n)\\n"
                + "  except Exception: pass\\n return 1"
            : "async function handle(i) { for (const n of ['a', 'b', 'a'])"
                + " await tool(n).catch(() => 0); return 1; }";
    String many =
        python
            ? "def handle(i):\\n for n in range(60):\\n  try: tool(n)\\n"
                + "  except Exception: pass\\n raise KeyError(1)"
            : "async function handle(i) { for (let n = 0; n < 60; n++)"
                + " await tool(n).catch(() => 0); throw new Error(1); }";
    String forged =
        python
            ? "import os\\ndef handle(i): os.write(3, b'M\\\\x00\\\\x00\\\\x00\\\\x03"
                + NO_CALLS
                + "')"
            : "function handle(i) { require('fs').writeSync(3, 'M\\\\x00\\\\x00\\\\x00\\\\x03"
                + NO_CALLS
                + "'); }";
    with(
        language,
        directory,
        runner -> {
          // When
          JsonNode told = told(runner, callOf(language, calling));
          JsonNode bounded = told(runner, callOf(language, many));
          JsonNode refused = told(runner, callOf(language, forged));
          JsonNode none = told(runner, details("internal", "{\"input\":7}"));

          // Then
          JsonNode calls = told.at("/metrics/mcp_calls");
          assertThat(calls.findValuesAsText("tool")).containsExactly("a", "b");
          assertThat(calls.findValuesAsText("count")).containsExactly("2", "1");
          assertThat(calls.findValue("total_duration_ms").asDouble()).isPositive();
          assertThat(bounded.path("resultType").asText()).isEqualTo("error");
          assertThat(bounded.at("/metrics/mcp_calls")).hasSize(50);
          assertThat(refused.at("/data/message").asText()).contains("not one of the runner");
          assertThat(refused.at("/metrics/mcp_calls")).isEmpty();
          assertThat(none.path("data").asInt()).isEqualTo(7);
          assertThat(none.at("/metrics/mcp_calls")).isEmpty();
        });
  }

  private JsonNode told(RunnerConnection runner, String asked) throws IOException {
    assertThat(faults(REQUEST, asked)).isEmpty();
    Answer answer = execute(runner, asked);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(faults(RESPONSE, answer.body())).as(answer.body()).isEmpty();
    return CanonicalJson.read(answer.body());
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldRefuseWhatTheSchemaRefuses(Language language, @TempDir Path directory)
      throws Exception {
    with(
        language,
        directory,
        runner -> {
          MALFORMED.forEach(
              (body, words) -> {
                try {
                  assertProblem(execute(runner, body), 400, words);
                } catch (IOException e) {
                  throw new AssertionError(body, e);
                }
                if (!body.equals("{")) {
                  assertThat(faults(REQUEST, body)).as(body).isNotEmpty();
                }
              });
          // No call was begun, and the next one is answered.
          assertHealth(runner, 0);
          assertThat(execute(runner, details("internal", "{\"input\":7}")).status()).isEqualTo(200);
        });
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldRefuseWhatASchemaCannotSay(Language language, @TempDir Path directory)
      throws Exception {
    String good = details("internal", "{\"input\":1}");
    with(
        language,
        directory,
        runner -> {
          assertProblem(
              execute(runner, details("internal", "{\"input\":NaN}")), 400, "NaN is no JSON");
          assertProblem(
              execute(runner, details("internal", "{\"input\":" + DEEP + "}")), 400, "too deeply");
          assertProblem(
              execute(
                  runner,
                  body(
                      "\"source\":\"http\",\"httpDetails\":{\"method\":\"GET\",\"path\":\"/\"}",
                      ",\"configuration\":{\"command\":{\"path\":\"/bin/true\",\"args\":[]}}")),
              400,
              "goes with source internal");
          Map<Map<String, String>, String> wrong =
              Map.of(
                  Map.of("Content-Type", "text/plain"), "application/json expected",
                  Map.of("X-Request-ID", "other"), "the requestId of the body",
                  Map.of("X-Request-ID", ""), "the requestId of the body",
                  Map.of("X-Nexus-Timeout-Ms", "0"), "a number from 1 to 3600000",
                  Map.of("X-Nexus-Output-Bytes", "many"), "a number from 1",
                  Map.of("X-Nexus-Memory-Bytes", "1"), "a number from 33554432");
          for (var headers : wrong.entrySet()) {
            assertProblem(
                runner.ask("POST", "/execute", headers(headers.getKey()), good.getBytes(UTF_8)),
                400,
                headers.getValue());
          }
          assertProblem(runner.ask("GET", "/execute", Map.of(), new byte[0]), 405, "POST /execute");
          assertProblem(runner.ask("POST", "/health", Map.of(), new byte[0]), 405, "GET /health");
          assertProblem(runner.ask("POST", "/run", Map.of(), new byte[0]), 404, "POST /execute");
          assertProblem(
              runner.ask("POST", "/execute", headers(Map.of()), new byte[(4 << 20) + 1]),
              413,
              "at most 4194304 bytes");
          assertHealth(runner, 0);

          // When it is no HTTP at all, the connection ends, and the container with it
          runner.write("POST /execute\r\nTransfer-Encoding: chunked\r\n\r\n");
          assertProblem(runner.answer(), 400, "no request");
          assertThat(runner.hasEnded()).isTrue();
        });
  }

  /// A runner has one call at a time, whoever sends it more.
  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldRefuseACallThatComesWhileAnotherRuns(Language language, @TempDir Path directory)
      throws Exception {
    String source =
        language == Language.PYTHON
            ? "import socket\\ndef handle(i):\\n s = socket.socket(socket.AF_UNIX)\\n"
                + " s.connect('/run/nexus/begun.sock')\\n s.recv(1)\\n return 1"
            : "const handle = (i) => new Promise((yes) =>"
                + " require('net').connect('/run/nexus/begun.sock').on('close', () => yes(1)).resume());";
    String message = message(language, source);
    with(
        language,
        directory,
        runner -> {
          try (ServerSocketChannel begun =
              SocketDirectory.listen(runner.directory().resolve("begun.sock"), 1)) {
            // Given a call that goes on until it is let go
            assertHealth(runner, 0);
            runner.write(message);
            try (SocketChannel running = begun.accept()) {
              assertThat(running.isConnected()).isTrue();

              // When
              runner.write(message);
            }

            // Then
            assertThat(CanonicalJson.read(runner.answer().body()).path("data").asInt())
                .isEqualTo(1);
            assertProblem(runner.answer(), 429, "one at a time");
            assertHealth(runner, 1);
          }
        });
  }

  /// However early the runner sees the end of the first.
  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldRefuseACallThatComesTogetherWithAnother(Language language, @TempDir Path directory)
      throws Exception {
    boolean python = language == Language.PYTHON;
    String message =
        message(language, python ? "def handle(i): return i" : "function handle(i) { return i; }");
    with(
        language,
        directory,
        runner -> {
          assertHealth(runner, 0);

          // When
          runner.write(message + message);

          // Then
          assertThat(CanonicalJson.read(runner.answer().body()).path("data").asInt()).isEqualTo(1);
          assertProblem(runner.answer(), 429, "one at a time");
          // One that comes behind the answer is a call like any other
          runner.write(message);
          assertThat(runner.answer().status()).isEqualTo(200);
          assertHealth(runner, 2);
        });
  }

  private static String message(Language language, String source) {
    String call =
        details(
            "internal",
            "{\"input\":1,\"code\":{\"language\":\"%s\",\"source\":\"%s\"}}"
                .formatted(language.text(), source));
    return "POST /execute HTTP/1.1\r\nContent-Type: application/json\r\nX-Request-ID: %s\r\n"
            .formatted(ID)
        + "X-Nexus-Timeout-Ms: 60000\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(call.length(), call);
  }
}
