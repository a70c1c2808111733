package dev.nexus.executor.container;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.Samples;
import dev.nexus.executor.code.Asked;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.code.Tools.Reply;
import dev.nexus.testkit.NeedsTool;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The second socket of real containers, by which code calls tools.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class ContainerToolsIT {
  /// What a process may do with the socket, whether it is the call's or not.
  private static final String CLIENT =
      """
      import os, socket, urllib.parse
      def ask(path, body, method='POST', length=None):
          s = socket.socket(socket.AF_UNIX)
          s.settimeout(20)
          s.connect('/run/nexus/mcp.sock')
          head = f'{method} {path} HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: {len(body) if length is None else length}\\r\\n\\r\\n'
          s.sendall(head.encode() + body.encode())
          return s.recv(4096).decode().split(' ')[1]
      def mine():
          return '/' + os.environ['MCP_ENDPOINT'].split('/', 3)[3]
      """;

  private static final List<String> ASKED = new CopyOnWriteArrayList<>();
  private static Rig rig;

  @BeforeAll
  static void open() throws Exception {
    rig = Rig.open(4, ContainerToolsIT::answer);
  }

  @AfterAll
  static void close() {
    rig.close();
  }

  @BeforeEach
  void forget() {
    ASKED.clear();
  }

  private static Reply answer(CodeCall by, Asked before, byte[] message, Duration patience) {
    String text = new String(message, UTF_8);
    ASKED.add(text);
    JsonNode params = CanonicalJson.read(text).path("params");
    String body =
        params.path("name").asText().equals("double")
            ? "{\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"{\\\"n\\\":%d}\"}],\"_meta\":{\"dev.nexus/output\":\"json\"}}}"
                .formatted(2 * params.path("arguments").path("n").asInt())
            : "{\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"no such luck\"}],\"isError\":true}}";
    return new Reply(200, body.getBytes(UTF_8));
  }

  private static CodeOutcome run(Language language, String source, Capability... granted)
      throws InterruptedException {
    return rig.run(
        new CodeCall(
            new Script(TenantId.DEFAULT, language, source),
            Rig.pool("tools-" + language.text(), 1),
            new Json("{\"n\":2}"),
            Rig.PATIENT,
            Set.of(granted),
            Samples.task("work", "{}")));
  }

  private static String of(Language language, String javaScript, String python) {
    return switch (language) {
      case JAVASCRIPT -> javaScript;
      case PYTHON -> python;
    };
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldCallToolsAsInProcess(Language language) throws Exception {
    String source =
        of(
            language,
            "async function handle(i) { const four = await tool('double', i); try { await tool('luck') } catch (e) { return [four, (await tool('double', four)).n, e.name, e.message] } }",
            "def handle(i):\n  four = tool('double', i)\n  try: tool('luck')\n  except ToolError as e: return [four, tool('double', four)['n'], type(e).__name__, str(e)]");

    assertThat(run(language, source, Capability.TOOLS))
        .isEqualTo(new Result(new Json("[{\"n\":4},8,\"ToolError\",\"no such luck\"]")));
    assertThat(ASKED).hasSize(3);
    assertThat(ASKED.getFirst()).contains("\"arguments\":{\"n\":2}");
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldRefuseToolsThatAreNotGranted(Language language) throws Exception {
    CodeOutcome outcome =
        run(
            language,
            of(
                language,
                "async function handle(i) { return await tool('double', i) }",
                "def handle(i): return tool('double', i)"));

    assertThat(outcome)
        .satisfies(
            one -> {
              assertThat(((Failure) one).failure()).isEqualTo(FailureClass.PERMISSION);
              assertThat(((Failure) one).detail()).contains("unless capabilities has tools");
            });
    assertThat(ASKED).isEmpty();
  }

  /// Whoever is in the container may connect, and gets no further than its own call does.
  @Test
  void shouldTakeMessagesOfTheCallThatRunsAndNoOthers() throws Exception {
    // Given
    String source =
        CLIENT
            + """
            def handle(i):
                call = '{"method":"tools/call","params":{"name":"double"}}'
                return [ask(mine(), call), ask('/mcp/0000000000000000', call), ask('/', call),
                        ask(mine(), '', 'GET'), ask(mine(), '', length=2 << 20)]
            """;

    // Then
    assertThat(run(Language.PYTHON, source, Capability.TOOLS))
        .isEqualTo(new Result(new Json("[\"200\",\"404\",\"404\",\"405\",\"413\"]")));
    assertThat(ASKED).hasSize(1);
  }

  @Test
  void shouldNotTellAnUngrantedCallWhereItCouldAsk() throws Exception {
    String source =
        CLIENT + "def handle(i): return [os.environ.get('MCP_ENDPOINT'), ask('/mcp/1', '{}')]";

    assertThat(run(Language.PYTHON, source)).isEqualTo(new Result(new Json("[null,\"404\"]")));
  }

  /// Code that runs behind its call's end must not speak for the next.
  @Test
  void shouldEndTheConnectionsOfACallWithIt() throws Exception {
    // Given a call that leaves a process behind, which goes on asking
    String leaving =
        CLIENT
            + """
            import time
            def handle(i):
                path = mine()
                if os.fork() == 0:
                    os.setsid()
                    while True:
                        try: ask(path, '{"left":"behind"}')
                        except OSError: pass
                        time.sleep(0.001)
                while ask(path, '{"method":"first"}') != '200': pass
                return 1
            """;
    assertThat(run(Language.PYTHON, leaving, Capability.TOOLS))
        .isEqualTo(new Result(new Json("1")));
    ASKED.clear();

    // When
    CodeOutcome next =
        run(Language.PYTHON, "def handle(i): return tool('double', i)", Capability.TOOLS);

    // Then
    assertThat(next).isEqualTo(new Result(new Json("{\"n\":4}")));
    assertThat(ASKED).hasSize(1).noneMatch(asked -> asked.contains("behind"));
  }

  @Test
  void shouldBoundConnectionsAndMessages() throws Exception {
    String source =
        CLIENT
            + """
            def handle(i):
                many, answered = [], 0
                for _ in range(100):
                    s = socket.socket(socket.AF_UNIX)
                    s.settimeout(20)
                    try:
                        s.connect('/run/nexus/mcp.sock')
                        s.sendall(b'POST ')
                        many.append(s)
                    except OSError:
                        pass
                for s in many: s.close()
                for _ in range(300):
                    try: tool('double', i)
                    except ToolError as e:
                        return [answered, str(e)]
                    answered += 1
            """;

    CodeOutcome outcome = run(Language.PYTHON, source, Capability.TOOLS);

    assertThat(outcome.toString()).contains("[200,\"at most 200 messages of one call expected\"]");
    assertThat(run(Language.PYTHON, "def handle(i): return 1"))
        .isEqualTo(new Result(new Json("1")));
  }
}
