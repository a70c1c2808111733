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
import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.event.sandbox.SandboxEvent.InstanceAllocated;
import dev.nexus.event.sandbox.SandboxEvent.InstanceEnded;
import dev.nexus.event.sandbox.SandboxEvent.InstanceReleased;
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
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

  @Test
  void shouldTellOfCallsThatLimitsEndedAndOfAKilledContainer() throws Exception {
    platform.apply("ender", ender());

    // When
    assertThat(failure("loop")).contains("timeout");
    assertThat(failure("fill")).contains("memory");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> killed = threads.submit(() -> failure("work"));
      Eventually.holds(
          () -> assertThat(toldOf("brittle")).hasAtLeastOneElementOfType(InstanceAllocated.class));
      ServiceImage.docker("kill", containerOf(toldOf("brittle").getFirst().instance()));
      assertThat(killed.get()).contains("lost");
    }

    // Then
    Eventually.holds(
        () ->
            assertThat(toldOf("small"))
                .filteredOn(InstanceReleased.class::isInstance)
                .extracting(event -> ((InstanceReleased) event).result())
                .containsExactly("TIMEOUT", "MEMORY"));
    Eventually.holds(
        () ->
            assertThat(toldOf("brittle"))
                .anySatisfy(
                    event ->
                        assertThat(event)
                            .isInstanceOfSatisfying(
                                InstanceReleased.class,
                                released -> assertThat(released.result()).isEqualTo("LOST")))
                .anySatisfy(
                    event ->
                        assertThat(event)
                            .isInstanceOfSatisfying(
                                InstanceEnded.class,
                                ended -> assertThat(ended.reason()).isEqualTo(EndReason.CRASHED))));
    String calls = "nexus_sandbox_call_seconds_count{pool=\"ender/";
    assertThat(platform.get("/metrics").body())
        .contains(calls + "small\",result=\"TIMEOUT\"")
        .contains(calls + "small\",result=\"MEMORY\"")
        .contains(calls + "brittle\",result=\"LOST\"")
        .contains("nexus_sandbox_ended_total{pool=\"ender/brittle\",reason=\"CRASHED\"")
        .contains("nexus_sandbox_oldest_wait_seconds{pool=\"ender/small\"");
  }

  /// An application whose calls end by limits, and in a pool of its own by nothing.
  private static ObjectNode ender() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files")
        .put(
            "app_definition.yaml",
            """
            appId: ender
            sandboxPools:
              - {poolName: small, maxInstances: 1}
              - {poolName: brittle, maxInstances: 1}
            components:
              - {componentId: loop, handlerType: JIT, targetPoolName: small, timeout: 1s,
                 retry: {maxAttempts: 1}, taskDetails: {script: _jit_code/loop.py}}
              - {componentId: fill, handlerType: JIT, targetPoolName: small, timeout: 20s,
                 retry: {maxAttempts: 1}, taskDetails: {script: _jit_code/fill.py}}
              - {componentId: work, handlerType: JIT, targetPoolName: brittle, timeout: 20s,
                 retry: {maxAttempts: 1}, taskDetails: {script: _jit_code/loop.py}}
            """)
        .put("_jit_code/loop.py", "def handle(i):\n    while True: pass\n")
        .put("_jit_code/fill.py", "def handle(i):\n    return len(bytearray(b'x') * (1 << 30))\n");
    return body;
  }

  /// What the answer to a call says that fails.
  private static String failure(String component) {
    HttpResponse<String> answer =
        platform.post("/v1/apps/ender/components/" + component + "/invoke", "{}");
    assertThat(answer.statusCode()).isGreaterThanOrEqualTo(400);
    return answer.body();
  }

  /// What the log says of the containers of a pool, the first first.
  private static List<SandboxEvent> toldOf(String pool) {
    return read(Topic.SANDBOXES, SandboxEvent.class).stream()
        .filter(event -> event.envelope().appId().equals("ender"))
        .map(Event::body)
        .filter(event -> event.toString().contains("pool=" + pool))
        .toList();
  }

  private static String containerOf(String instance) {
    return ServiceImage.docker("ps", "-q", "--filter", "label=dev.nexus.instance=" + instance)
        .strip();
  }

  private static <E> List<Event<E>> read(Topic topic, Class<E> events) {
    KafkaClients clients = platform.platform().context().getBean(KafkaClients.class);
    return new TopicReader(clients).read(topic, EventCodec.of(topic, events));
  }
}
