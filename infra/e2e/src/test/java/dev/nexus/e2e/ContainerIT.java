package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Event;
import dev.nexus.event.log.LogEvent;
import dev.nexus.event.sandbox.SandboxEvent;
import dev.nexus.executor.code.CodeWork;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/// An application whose script runs in containers, from `apply` to the answer.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class ContainerIT {
  @RegisterExtension
  static final PlatformExtension platform =
      PlatformExtension.ofClass(
          Map.of(
              "NEXUS_DOCKER_HOST",
              Objects.requireNonNullElse(
                  System.getenv("DOCKER_HOST"), "unix:///var/run/docker.sock"),
              "NEXUS_RUNNER_IMAGES",
              "nexus/runner-{runner}:offline"));

  @BeforeAll
  static void buildRunners() throws IOException, InterruptedException {
    String script = Path.of("../images/offline/offline.sh").toAbsolutePath().normalize().toString();
    assertThat(new ProcessBuilder(script, "--runners").inheritIO().start().waitFor()).isZero();
    // Tests are quiet; a platform logs what code prints as it does this.
    if (LoggerFactory.getLogger(CodeWork.class) instanceof Logger log) {
      log.setLevel(Level.INFO);
    }
  }

  /// @param home the line that says where the script runs, or nothing
  private static ObjectNode application(String app, String file, String script, String home) {
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
                timeout: 20s
                taskDetails: {script: _jit_code/%s}
            """
                .formatted(app, home, file))
        .put("_jit_code/" + file, script);
    return body;
  }

  private static JsonNode invoke(String app, String input) {
    return PlatformExtension.json(
        platform.post("/v1/apps/" + app + "/components/work/invoke", input), 200);
  }

  @Test
  void shouldChangeItsHomeByOneLineAndAnswerTheSame() {
    String script =
        """
        def handle(input):
            if not input['word']:
                deopt('no word')
            return {'word': input['word'].upper(), 'length': len(input['word'])}
        """;
    for (String home : new String[] {"", "targetPoolName: small"}) {
      platform.apply("mover", application("mover", "shout.py", script, home));
      JsonNode answer = invoke("mover", "{\"word\":\"geese\"}");
      assertThat(answer.path("output").toString()).isEqualTo("{\"word\":\"GEESE\",\"length\":5}");
    }
  }

  @Test
  void shouldDoInAContainerWhatCannotBeDoneInProcess() {
    String script =
        """
        const { execFileSync } = require('child_process');
        function handle(input) {
          return { sorted: execFileSync('sort', { input: input.text }).toString() };
        }
        """;
    platform.apply("sorter", application("sorter", "sort.js", script, "targetPoolName: small"));

    assertThat(invoke("sorter", "{\"text\":\"b\\na\\n\"}").path("output").toString())
        .isEqualTo("{\"sorted\":\"a\\nb\\n\"}");
  }

  @Test
  void shouldFailAnExecutionByTheClassThatTheContainerTells() {
    String script = "def handle(i):\n    open('/etc/harm', 'w')\n";
    platform.apply("writer", application("writer", "w.py", script, "targetPoolName: small"));

    HttpResponse<String> refused = platform.post("/v1/apps/writer/components/work/invoke", "{}");

    assertThat(refused.statusCode()).isEqualTo(502);
    assertThat(refused.body()).contains("permission: OSError").contains("Read-only file system");
  }

  @Test
  void shouldTellWhatBecomesOfContainersAndWhatCodePrints() {
    String script = "def handle(i):\n    print('a word of its own')\n    return 1\n";
    platform.apply("talker", application("talker", "t.py", script, "targetPoolName: small"));
    invoke("talker", "{}");

    Eventually.holds(
        () ->
            assertThat(platform.get("/metrics").body())
                .contains("nexus_sandbox_start_seconds_count{pool=\"talker/small\"")
                .contains("nexus_sandbox_instances{pool=\"talker/small\",state=\"IDLE\""));
    Eventually.holds(
        () ->
            assertThat(read(Topic.SANDBOXES, SandboxEvent.class))
                .filteredOn(event -> event.envelope().appId().equals("talker"))
                .extracting(event -> event.body().getClass().getSimpleName())
                .contains("InstanceStarted", "InstanceAllocated", "InstanceReleased"));
    Eventually.holds(
        () ->
            assertThat(read(Topic.LOGS, LogEvent.class))
                .anyMatch(event -> event.body().toString().contains("a word of its own")));
  }

  private static <E> List<Event<E>> read(Topic topic, Class<E> events) {
    KafkaClients clients = platform.platform().context().getBean(KafkaClients.class);
    return new TopicReader(clients).read(topic, EventCodec.of(topic, events));
  }
}
