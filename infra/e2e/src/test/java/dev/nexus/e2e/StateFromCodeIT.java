package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.NeedsTool;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Code that keeps values: from the executor, through the gateway, to their owner and back.
class StateFromCodeIT {
  private static final int CALLERS = 40;

  @RegisterExtension
  static final PlatformExtension platform =
      PlatformExtension.ofClass(
          Map.of(
              "NEXUS_DOCKER_HOST",
              Objects.requireNonNullElse(
                  System.getenv("DOCKER_HOST"), "unix:///var/run/docker.sock"),
              "NEXUS_RUNNER_IMAGES",
              "nexus/runner-{runner}:offline"));

  /// @param home the line that says where the code runs, or nothing
  private static ObjectNode application(String app, String file, String code, String home) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files")
        .put(
            "app_definition.yaml",
            """
            appId: %s
            sandboxPools:
              - {poolName: small, maxInstances: 2}
            components:
              - componentId: work
                handlerType: JIT
                %s
                timeout: 30s
                taskDetails: {script: %s, capabilities: [state]}
            """
                .formatted(app, home, file))
        .put("_jit_code/" + file, code);
    return body;
  }

  private static JsonNode output(String app, String input) {
    return PlatformExtension.json(
            platform.post("/v1/apps/" + app + "/components/work/invoke", input), 200)
        .path("output");
  }

  private static void checkValues(String app, String home) {
    Map<String, String> scripts =
        Map.of(
            "work.js",
            "async function handle(i) { const n = await state.increment('js'); await state.set('last', {n}); return [n, await state.get('last'), await state.get('none'), await state.delete('last')] }",
            "work.py",
            "def handle(i):\n  n = state.increment('py')\n  state.set('last', {'n': n})\n  return [n, state.get('last'), state.get('none'), state.delete('last')]");
    scripts.forEach(
        (file, code) -> {
          platform.apply(app, application(app, file, code, home));
          assertThat(output(app, "{}").toString()).isEqualTo("[1,{\"n\":1},null,true]");
          assertThat(output(app, "{}").toString()).isEqualTo("[2,{\"n\":2},null,true]");
        });
  }

  @Test
  void shouldKeepValuesBetweenCalls() {
    checkValues("keeper", "");
  }

  @Test
  @Tag("containers")
  @NeedsTool({"docker", "mmdebstrap"})
  void shouldKeepValuesBetweenCallsInContainers() throws IOException, InterruptedException {
    String script = Path.of("../images/offline/offline.sh").toAbsolutePath().normalize().toString();
    assertThat(new ProcessBuilder(script, "--runners").inheritIO().start().waitFor()).isZero();

    checkValues("contained-keeper", "targetPoolName: small");
  }

  @Test
  void shouldCountEachOfManyAtOnce() {
    platform.apply(
        "counter",
        application("counter", "work.py", "def handle(i): return state.increment('n', 3)", ""));

    List<Integer> numbers =
        IntStream.range(0, CALLERS)
            .parallel()
            .mapToObj(_ -> output("counter", "{}").asInt())
            .sorted()
            .toList();

    assertThat(numbers)
        .isEqualTo(IntStream.rangeClosed(1, CALLERS).map(n -> 3 * n).boxed().toList());
  }

  /// Code that runs out of time behind its change is done once more, and does not change twice.
  @Test
  void shouldCountOnceThoughItsTaskIsDoneAgain() {
    ObjectNode body =
        application(
            "again",
            "work.py",
            "import time\ndef handle(i):\n  if i.get('read'): return state.get('n')\n  state.increment('n')\n  while True: pass",
            "");
    ObjectNode files = (ObjectNode) body.path("files");
    files.put(
        "app_definition.yaml",
        files
            .path("app_definition.yaml")
            .asText()
            .replace("    timeout: 30s", "    timeout: 30s\n    retry: {maxAttempts: 2}"));
    platform.apply("again", body);

    HttpResponse<String> failed = platform.post("/v1/apps/again/components/work/invoke", "{}");

    assertThat(failed.statusCode()).isGreaterThanOrEqualTo(400);
    assertThat(output("again", "{\"read\":true}").asInt()).isEqualTo(1);
  }

  @Test
  void shouldTellOfAConflict() {
    String source =
        """
        def handle(i):
            version = state.set('a', 1)
            state.set('a', 2, expected_version=version)
            try: state.set('a', 3, expected_version=version)
            except ToolError as e: return [e.problem, str(version) in str(e), state.get('a')]
        """;
    platform.apply("careful", application("careful", "work.py", source, ""));

    assertThat(output("careful", "{}").toString()).isEqualTo("[\"version-conflict\",true,2]");
  }
}
