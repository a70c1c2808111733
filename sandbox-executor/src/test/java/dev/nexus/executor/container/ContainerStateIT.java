package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.Samples;
import dev.nexus.executor.ScriptedState;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.testkit.NeedsTool;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Runtime values in code that runs in real containers, as in process.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class ContainerStateIT {
  private static final ScriptedState STATE = new ScriptedState();
  private static Rig rig;

  @BeforeAll
  static void open() throws Exception {
    rig = Rig.open(4, STATE);
  }

  @AfterAll
  static void close() {
    rig.close();
  }

  @BeforeEach
  void forget() {
    STATE.forget();
  }

  private static CodeOutcome run(Language language, String source, Capability... granted)
      throws InterruptedException {
    return rig.run(
        new CodeCall(
            new Script(TenantId.DEFAULT, language, source),
            Rig.pool("state-" + language.text(), 1),
            new Json("{}"),
            Rig.PATIENT,
            Set.of(granted),
            Samples.task("work", "{}")));
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldKeepValues(Language language) throws Exception {
    assertThat(run(language, ScriptedState.tour(language), Capability.STATE))
        .isEqualTo(new Result(new Json(ScriptedState.TOUR)));
    STATE.forget();
    assertThat(run(language, ScriptedState.conflict(language), Capability.STATE))
        .isEqualTo(new Result(new Json(ScriptedState.CONFLICT)));
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldGrantValuesByStateAlone(Language language) throws Exception {
    for (var row : ScriptedState.ungranted(language).entrySet()) {
      assertThat(run(language, row.getKey(), row.getValue()))
          .as(row.getKey())
          .isInstanceOfSatisfying(
              Failure.class,
              failure -> {
                assertThat(failure.failure()).isEqualTo(FailureClass.PERMISSION);
                assertThat(failure.detail())
                    .contains(
                        row.getValue() == Capability.STATE
                            ? "tool is not available"
                            : "state is not available");
              });
    }
    assertThat(STATE.asked()).isEmpty();
  }

  /// Code may send what it likes, whatever its functions would.
  @Test
  void shouldRefuseMessagesThatAreNotGrantedToWhoeverWritesThem() throws Exception {
    String source =
        """
        import os, socket
        def ask(body):
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(20)
            s.connect('/run/nexus/mcp.sock')
            path = '/' + os.environ['MCP_ENDPOINT'].split('/', 3)[3]
            s.sendall(f'POST {path} HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n{body}'.encode())
            return s.recv(4096).decode().split(' ')[1]
        def handle(i):
            return [ask('{"method":"tools/call","params":{"name":"core.state.get","arguments":{"key":"a"}}}'),
                    ask('{"method":"tools/call","params":{"name":"shout"}}'),
                    ask('{"method":"resources/read"}')]
        """;

    assertThat(run(Language.PYTHON, source, Capability.STATE))
        .isEqualTo(new Result(new Json("[\"200\",\"403\",\"403\"]")));
    assertThat(STATE.asked()).hasSize(1);
  }
}
