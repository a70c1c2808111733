package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Code that calls the tools of its application: from the executor, through the gateway, and back.
class ToolsFromCodeIT {
  @RegisterExtension
  static final PlatformExtension platform =
      PlatformExtension.ofClass(
          Map.of(
              "NEXUS_DOCKER_HOST",
              Objects.requireNonNullElse(
                  System.getenv("DOCKER_HOST"), "unix:///var/run/docker.sock"),
              "NEXUS_RUNNER_IMAGES",
              "nexus/runner-{runner}:offline"));

  /// @param home the line that says where the caller runs, or nothing
  private static ObjectNode application(String app, String file, String caller, String home) {
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
                taskDetails: {script: %s, capabilities: [tools]}
              - componentId: shout
                description: Says a word loudly
                handlerType: JIT
                inputSchema: {type: object, properties: {word: {type: string}}, required: [word]}
                taskDetails: {script: shout.js}
            """
                .formatted(app, home, file))
        .put("_jit_code/" + file, caller)
        .put(
            "_jit_code/shout.js",
            "function handle(i) { if (i.word === 'no') throw new Error('never'); return i.word.toUpperCase(); }");
    return body;
  }

  private static JsonNode invoke(String app, String input) {
    return PlatformExtension.json(
        platform.post("/v1/apps/" + app + "/components/work/invoke", input), 200);
  }

  private static void checkCalls(String app, String home) {
    for (var script :
        Map.of(
                "work.js",
                "async function handle(i) { return {said: await tool('shout', {word: i.word})} }",
                "work.py",
                "def handle(i): return {'said': tool('shout', {'word': i['word']})}")
            .entrySet()) {
      platform.apply(app, application(app, script.getKey(), script.getValue(), home));
      JsonNode answer = invoke(app, "{\"word\":\"geese\"}");
      assertThat(answer.path("output").toString()).isEqualTo("{\"said\":\"GEESE\"}");
    }
  }

  @Test
  void shouldCallAComponentOfItsApplication() {
    checkCalls("caller", "");
  }

  @Test
  @Tag("containers")
  @NeedsTool({"docker", "mmdebstrap"})
  void shouldCallAComponentFromAContainer() throws IOException, InterruptedException {
    String script = Path.of("../images/offline/offline.sh").toAbsolutePath().normalize().toString();
    assertThat(new ProcessBuilder(script, "--runners").inheritIO().start().waitFor()).isZero();

    checkCalls("contained", "targetPoolName: small");
  }

  /// What was called is an execution like any other, which says who called it.
  @Test
  void shouldShowWhoCalled() {
    // Given
    platform.apply(
        "parent", application("parent", "work.py", "def handle(i): return tool('shout', i)", ""));

    // When
    JsonNode answer = invoke("parent", "{\"word\":\"geese\"}");

    // Then
    String actor = "execution:" + answer.path("executionId").asText() + "/1";
    Eventually.holds(
        () -> {
          JsonNode all =
              PlatformExtension.json(
                  platform.get("/v1/executions?app=parent&component=shout"), 200);
          String id = all.findPath("executionId").asText();
          assertThat(id).isNotEmpty();
          assertThat(platform.get("/v1/executions/" + id).body()).contains(actor);
        });
  }

  @Test
  void shouldTellCodeWhyAToolDidNotAnswer() {
    String source =
        """
        def handle(i):
            said = []
            for name, arguments in (('shuot', {}), ('shout', {}), ('shout', {'word': 'no'})):
                try: tool(name, arguments)
                except ToolError as e: said.append(str(e))
            return said
        """;
    platform.apply("curious", application("curious", "work.py", source, ""));

    List<String> said = new ArrayList<>();
    invoke("curious", "{}").path("output").forEach(words -> said.add(words.asText()));

    assertThat(said).hasSize(3);
    assertThat(said.get(0)).isEqualTo("Unknown tool: shuot; did you mean shout?");
    assertThat(said.get(1)).contains("do not fit the input schema");
    assertThat(said.get(2)).contains("never");
  }

  /// Each calls itself once more, until it may not.
  @Test
  void shouldEndWhatCallsItself() {
    String source =
        """
        def handle(i):
            try: return tool('work', {'n': i['n'] + 1})
            except ToolError as e: return {'n': i['n'], 'why': str(e)}
        """;
    platform.apply("endless", application("endless", "work.py", source, ""));

    JsonNode output = invoke("endless", "{\"n\":0}").path("output");

    assertThat(output.path("n").asInt()).isEqualTo(8);
    assertThat(output.path("why").asText()).contains("called by code 8 times over");
  }

  /// More of them at once than the executor has permits for.
  @Test
  void shouldNotStarveWhatItCalls() {
    platform.apply(
        "crowd", application("crowd", "work.py", "def handle(i): return tool('shout', i)", ""));

    var answers =
        IntStream.range(0, 40)
            .parallel()
            .mapToObj(
                i ->
                    platform.post(
                        "/v1/apps/crowd/components/work/invoke", "{\"word\":\"w" + i + "\"}"))
            .toList();

    assertThat(answers).extracting(HttpResponse::statusCode).containsOnly(200);
  }

  @Test
  void shouldLeaveWhatIsNotGrantedToPermission() {
    ObjectNode definition =
        application("plain", "work.py", "def handle(i): return tool('shout', i)", "");
    ObjectNode files = (ObjectNode) definition.path("files");
    files.put(
        "app_definition.yaml",
        files.path("app_definition.yaml").asText().replace(", capabilities: [tools]", ""));
    platform.apply("plain", definition);

    HttpResponse<String> answer =
        platform.post("/v1/apps/plain/components/work/invoke", "{\"word\":\"x\"}");

    assertThat(answer.statusCode()).isGreaterThanOrEqualTo(400);
    assertThat(answer.body()).contains("permission: ", "unless capabilities has tools");
  }
}
