package dev.nexus.executor.service;

import static dev.nexus.executor.service.ServiceRig.service;
import static dev.nexus.executor.service.ServiceRig.withTools;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.TenantId;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.executor.code.Tools;
import dev.nexus.executor.container.SocketDirectory;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Tools of an application, called by its services in real containers.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class ServiceToolsIT {
  /// Asks once by the path that it was told and once by another, and then again and again.
  private static final String AGENT =
      """
      import os, socket, sys, time
      def ask(path, body='{"jsonrpc":"2.0","id":1,"method":"tools/list"}'):
        with socket.socket(socket.AF_UNIX) as s:
          s.connect('/run/nexus/mcp.sock')
          s.sendall(f'POST {path} HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n{body}'.encode())
          return s.recv(4096).decode()
      print('environment', 'nxp_' in str(os.environ), flush=True)
      url = os.environ.get('MCP_ENDPOINT')
      if url is None:
        print('no tools', os.path.exists('/run/nexus/mcp.sock'), flush=True)
        time.sleep(1000)
      mine = '/' + url.split('/', 3)[3]
      said = ask(mine)
      print('mine', said.split(' ')[1], said.split('\\r\\n')[-1], flush=True)
      state = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"core.state.get"}}'
      print('state', ask(mine, state).split(' ')[1], flush=True)
      print('other', ask('/mcp/0000').split(' ')[1], flush=True)
      if sys.argv[1] == 'flood':
        print('flood', sorted({ask(mine).split(' ')[1] for _ in range(150)}), flush=True)
      while True: time.sleep(1)
      """;

  private Path base;
  private ServiceRig rig;

  @BeforeAll
  static void images() throws Exception {
    ServiceRig.images();
  }

  @BeforeEach
  void open() throws IOException {
    base = Files.createTempDirectory(Path.of("/tmp"), "nxs");
    rig = new ServiceRig(base, UUID.randomUUID().toString());
  }

  @AfterEach
  void close() {
    rig.close();
    SocketDirectory.removed(base);
  }

  private static ServiceDefinition agent(String way) {
    return service("agent", "python3", "-c", AGENT, way);
  }

  @Test
  void shouldCallToolsOfItsApplicationUntilItIsGrantedThemNoMore() throws Exception {
    // When
    rig.define(withTools(agent("once")));

    // Then
    Eventually.holds(
        () ->
            assertThat(rig.heard().lines)
                .contains(
                    "O environment False",
                    "O mine 200 {\"result\":\"done\"}",
                    "O state 403",
                    "O other 404"));
    assertThat(rig.tools().askers)
        .containsExactly(
            new Tools.Service(TenantId.DEFAULT, ServiceRig.APP, "agent", Set.of(Capability.TOOLS)));
    assertThat(rig.tools().messages.getFirst()).contains("tools/list");
    try (var files = Files.walk(base)) {
      assertThat(files).anyMatch(file -> file.endsWith("mcp.sock"));
    }

    // When
    rig.define(agent("once"));

    // Then
    Eventually.holds(() -> assertThat(rig.heard().lines).contains("O no tools False"));
    assertThat(rig.tools().askers).hasSize(1);
    try (var files = Files.walk(base)) {
      assertThat(files).noneMatch(file -> file.endsWith("mcp.sock"));
    }
  }

  @Test
  void shouldAnswerOnlySoManyMessagesOfAServiceAtOnce() {
    rig.define(withTools(agent("flood")));
    Eventually.holds(() -> assertThat(rig.heard().lines).contains("O flood ['200', '429']"));
    assertThat(rig.tools().messages).hasSizeBetween(100, 150);
  }
}
