package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.TenantId;
import dev.nexus.event.definition.PoolDefinition;
import dev.nexus.executor.Hardening;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program;
import dev.nexus.executor.code.Program.Command;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.testkit.NeedsTool;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What the engine says of containers of pools: that every limit reached it.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class HardeningIT {
  private static final Hardening POOL = Hardening.of(64, 256, 0.75, 160L << 20);

  private static final Map<String, Program> PROGRAMS =
      Map.of(
          "python", script(Language.PYTHON, "def handle(i): return 1"),
          "node", script(Language.JAVASCRIPT, "function handle(i) { return 1; }"),
          "commands", new Command(TenantId.DEFAULT, "/usr/bin/true", List.of()));

  private static Script script(Language language, String source) {
    return new Script(TenantId.DEFAULT, language, source);
  }

  @Test
  void shouldHaveEveryLimitInEachPool() throws Exception {
    try (Rig rig = Rig.open(PROGRAMS.size())) {
      // Given
      for (var one : PROGRAMS.entrySet()) {
        var home =
            new Home.Pool(
                TenantId.DEFAULT,
                "shop",
                new PoolDefinition(one.getKey(), "", 0, 1, 0.75, 160L << 20));
        assertThat(rig.run(home, one.getValue(), "1")).isInstanceOf(Result.class);
      }

      // Then
      List<Engine.Found> found = rig.found();
      assertThat(found).hasSameSizeAs(PROGRAMS.entrySet());
      for (Engine.Found one : found) {
        assertThat(POOL.faults(Hardening.inspected(one.container())))
            .as(one.labels().toString())
            .isEmpty();
      }
      Set<String> users = new HashSet<>();
      for (Engine.Found one : found) {
        users.add(Hardening.inspected(one.container()).at("/Config/User").asText());
      }
      assertThat(users).as("a user of its own for each").hasSameSizeAs(found);
    }
  }

  /// Or the test above would pass whatever they had.
  @Test
  void shouldMissEachRuleInAPlainContainer() throws Exception {
    String plain =
        docker(
            "create --privileged --network host --ipc host --pid host --uts host --volume /tmp:/x"
                + " --publish 1 --device /dev/null --group-add 0 --cap-add ALL --env NEXUS_X=1"
                + " --log-driver none nexus/runner-python:offline");
    try {
      assertThat(POOL.faults(Hardening.inspected(plain)).keySet())
          .containsExactlyInAnyOrder(
              "CapAdd",
              "CapDrop",
              "Devices",
              "Env",
              "GroupAdd",
              "Healthcheck",
              "IpcMode",
              "LogConfig",
              "Memory",
              "MemorySwap",
              "Mounts",
              "NanoCpus",
              "NetworkMode",
              "PidMode",
              "PidsLimit",
              "PortBindings",
              "Privileged",
              "ReadonlyRootfs",
              "SecurityOpt",
              "Tmpfs",
              "UTSMode",
              "Ulimits",
              "User");
    } finally {
      docker("rm " + plain);
    }
  }

  private static String docker(String arguments) throws Exception {
    Process process = new ProcessBuilder(("docker " + arguments).split(" ")).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return said.strip();
  }
}
