package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.embedded.DataDirectory;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.standalone.NexusProcess;
import dev.nexus.standalone.run.RunFile;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands as a person uses them, with the platform in a process of its own.
class UpAndDownIT {
  private static final Map<String, String> GOOD_ALL =
      Map.of(
          "quarantined", "good",
          "dead letters", "good",
          "nexus-router lag", "good",
          "nexus-dispatch lag", "good",
          "nexus-trigger lag", "good",
          "nexus-oracle lag", "good",
          "redis eviction", "good",
          "redis memory", "good",
          "projections lag", "good");

  private static final String HELLO = "../samples/hello";

  @TempDir Path directory;

  private record Outcome(int code, String out, String err) {
    JsonNode json() {
      return CanonicalJson.read(out);
    }
  }

  @AfterEach
  void leaveNothingBehind() {
    run("down");
  }

  @Test
  void shouldComeBackAsItWasWhenKilled() throws Exception {
    // Given
    Outcome up = run("up", "--detach", "--json");
    assertThat(up.code()).as(up.err() + up.out()).isZero();
    assertThat(run("status").code()).isZero();
    String keys = run("keys", "list").out();
    int redisPort = up.json().path("redisPort").asInt();
    assertThat(run("apply", HELLO).code()).isZero();
    String finished = invoke("30s", "finished-before").path("executionId").asText();
    awaitGood();
    // When
    Outcome second = run("up", "--detach");
    // Then
    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err().lines()).hasSize(1);
    assertThat(second.err())
        .contains("in use by process " + up.json().path("pid").asText())
        .contains("stop it with ./nexus down --data " + directory);
    // When
    String accepted = invoke("0s", "accepted-before").path("executionId").asText();
    kill(up.json().path("pid").asLong());
    // Then
    assertThat(run("status").code()).isEqualTo(1);
    assertThat(run("doctor").out()).contains("ended without saying so");
    // When
    Outcome again = run("up", "--detach", "--json");
    // Then
    assertThat(again.code()).as(again.err() + again.out()).isZero();
    assertThat(again.json().path("redisPort").asInt()).isEqualTo(redisPort);
    assertThat(run("keys", "list").out()).isEqualTo(keys);
    for (String execution : List.of(finished, accepted)) {
      Eventually.holds(() -> assertThat(statusOf(execution)).isEqualTo("SUCCEEDED"));
    }
    assertThat(invoke("30s", "accepted-before").path("executionId").asText()).isEqualTo(accepted);
    assertThat(run("events", "executions", "--all", "--json").out().lines())
        .filteredOn(line -> line.contains("ExecutionSucceeded") && line.contains(accepted))
        .hasSize(1);
    assertThat(run("events", "promotions").err()).startsWith("nothing on nexus.promotions yet");
    assertThat(run("oracle", "status").err()).startsWith("the oracle has decided nothing");
    // When
    Outcome down = run("down", "--json");
    // Then
    assertThat(down.json().path("result").asText()).isEqualTo("stopped");
    assertThat(EmbeddedRedis.urlOfRunning(directory.resolve("redis"))).isEmpty();
    assertThat(RunFile.read(directory)).isEmpty();
  }

  @Test
  void shouldEndAllOfItAtCtrlCAndComeBackAsItWas() throws Exception {
    // Given
    String keys;
    String finished;
    try (NexusProcess up = NexusProcess.start(directory, environment(Map.of()), "up")) {
      Eventually.holds(() -> assertThat(up.out()).contains("  stop   Ctrl-C, or "));
      NexusProcess.needsInterrupts(!up.ignoresInterrupts());
      assertThat(run("apply", HELLO).code()).isZero();
      keys = run("keys", "list").out();
      finished = invoke("30s", "before-ctrl-c").path("executionId").asText();
      // When
      up.interrupt();
      // Then
      assertThat(up.awaitExit(Duration.ofMinutes(2))).isEqualTo(NexusProcess.INTERRUPTED);
      assertThat(up.err()).doesNotContain("Exception");
    }
    assertThat(directory.resolve("nexus.log"))
        .content()
        .contains("ended")
        .doesNotContain("did not end well");
    assertThat(EmbeddedRedis.urlOfRunning(directory.resolve("redis"))).isEmpty();
    assertThat(RunFile.read(directory)).isEmpty();
    assertThatCode(() -> DataDirectory.lock(directory).close()).doesNotThrowAnyException();
    // When
    Outcome again = run("up", "--detach");
    // Then
    assertThat(again.code()).as(again.err() + again.out()).isZero();
    assertThat(run("keys", "list").out()).isEqualTo(keys);
    assertThat(invoke("30s", "before-ctrl-c").path("executionId").asText()).isEqualTo(finished);
    Eventually.holds(() -> assertThat(statusOf(finished)).isEqualTo("SUCCEEDED"));
  }

  @Test
  void shouldEndTheRedisAKilledPlatformLeft() throws Exception {
    // Given
    Map<String, String> odd =
        Map.of(
            "PATH",
            System.getenv("PATH"),
            "NEXUS_FACTS_KEPT",
            "1m",
            "NEXUS_DISK_RESERVES_MB",
            "9",
            "NEXUS_LLM_API_KEY",
            "sk-secret");
    Outcome up = run(odd, "up", "--detach");
    assertThat(up.code()).as(up.err() + up.out()).isZero();
    assertThat(up.out()).contains("  stop   ./nexus down --data " + directory);
    assertThat(up.err())
        .contains("NEXUS_DISK_RESERVES_MB is no setting")
        .contains("did you mean NEXUS_DISK_RESERVE_MB?");
    assertThat(directory.resolve("run.json"))
        .content()
        .contains("\"NEXUS_FACTS_KEPT\":\"1m\"")
        .doesNotContain("sk-secret");
    // And a shell that says something else than what runs
    Map<String, JsonNode> here = findings(run("doctor", "--json"));
    assertThat(here.get("settings").path("verdict").asText()).isEqualTo("good");
    assertThat(here.get("settings").path("detail").asText()).contains("NEXUS_FACTS_KEPT=1m");
    assertThat(here.get("snapshots").path("detail").asText()).contains("facts stay 1m");
    Map<String, String> other = Map.of("NEXUS_FACTS_KEPT", "7d");
    JsonNode differs = findings(run(other, "doctor", "--json")).get("settings");
    assertThat(differs.path("verdict").asText()).isEqualTo("doubtful");
    assertThat(differs.path("detail").asText())
        .contains("NEXUS_FACTS_KEPT is 1m there and 7d here");
    tellsWhatIsWrongWithADefinitionAndWhatItHas();
    kill(RunFile.read(directory).orElseThrow().pid());
    // When
    Outcome down = run("down", "--json");
    // Then
    assertThat(down.json().path("result").asText()).isEqualTo("cleaned");
    assertThat(EmbeddedRedis.urlOfRunning(directory.resolve("redis"))).isEmpty();
  }

  @Test
  void shouldSayInOneLineWhatToDoWhenThereIsNoRedisAtAll() throws Exception {
    // Given a PATH without redis-server, and without what tells which embedded one would fit
    Path nothing = Files.createDirectory(directory.resolve("no-programs"));

    // When
    Outcome up = run(Map.of("PATH", nothing.toString()), "up", "--detach");

    // Then
    assertThat(up.code()).isEqualTo(1);
    assertThat(up.out()).isEmpty();
    assertThat(up.err().lines()).hasSize(1);
    assertThat(up.err())
        .startsWith(
            "nexus: no Redis: there is no redis-server on the PATH and none for this system")
        .contains("install redis-server 6.2 or newer, or set NEXUS_REDIS_URL");
    assertThat(RunFile.read(directory)).isEmpty();
  }

  @Test
  void shouldSayWhyTheRouterRefusesToGoOnAndWhatToDo() throws Exception {
    // Given facts that were deleted, and nothing that has what followed from them
    Outcome first = run("up", "--detach", "--json");
    assertThat(first.code()).as(first.err() + first.out()).isZero();
    assertThat(run("apply", HELLO).code()).isZero();
    invoke("30s", "before-it-was-lost");
    deleteFacts(first.json().path("kafka").asText());
    assertThat(findings(run("doctor", "--json")).get("snapshots").path("detail").asText())
        .contains("were deleted, and no snapshot of the router has what followed");
    assertThat(run("down").code()).isZero();
    Files.move(directory.resolve("router"), directory.resolve("lost-router"));
    if (Files.exists(directory.resolve("snapshots"))) {
      Files.move(directory.resolve("snapshots"), directory.resolve("lost-snapshots"));
    }
    // When
    Outcome up = run("up", "--detach");
    // Then what to do is in the one line it prints, and doctor knows it later
    assertThat(up.code()).isEqualTo(1);
    assertThat(up.err().lines()).hasSize(1);
    assertThat(up.err())
        .startsWith("nexus: the facts of nexus.executions partition 0 before ")
        .contains("no snapshot has what followed from them: make " + directory)
        .contains("or set NEXUS_WITHOUT_SNAPSHOT=true");
    Outcome doctor = run("doctor", "--json");
    assertThat(doctor.code()).isEqualTo(1);
    JsonNode last = findings(doctor).get("last start");
    assertThat(last.path("verdict").asText()).isEqualTo("broken");
    assertThat(last.path("detail").asText()).contains("were deleted, and no snapshot");
    assertThat(last.path("mend").asText()).contains("NEXUS_WITHOUT_SNAPSHOT=true");
    // When that is done
    String path = System.getenv("PATH");
    Outcome anyway = run(Map.of("PATH", path, "NEXUS_WITHOUT_SNAPSHOT", "true"), "up", "--detach");
    // Then
    assertThat(anyway.code()).as(anyway.err() + anyway.out()).isZero();
    assertThat(findings(run("doctor", "--json"))).doesNotContainKey("last start");
    assertThat(run("down").code()).isZero();
    assertThat(findings(run("doctor", "--json"))).doesNotContainKey("last start");
  }

  /// What one finds that asks right after a start may still be on its way.
  private void awaitGood() {
    Eventually.holds(
        () ->
            assertThat(checks(run("doctor", "--json")))
                .containsEntry("kafka", "good")
                .containsEntry("kafka version", "good")
                .containsEntry("transactions", "good")
                .containsEntry("share groups", "good")
                .containsEntry("nexus-lane-code lag", "good")
                .containsAllEntriesOf(GOOD_ALL)
                .doesNotContainKey("nexus-lane-container lag")
                .containsEntry("sessions", "good")
                .containsEntry("topics", "good")
                .containsEntry("snapshots", "good")
                .containsEntry("redis", "good")
                .doesNotContainValue("broken"));
  }

  private void tellsWhatIsWrongWithADefinitionAndWhatItHas() throws Exception {
    // Given
    Path shop = Files.createDirectory(directory.resolve("shop"));
    Files.writeString(
        shop.resolve("app_definition.yaml"),
        """
        appId: Shop 1
        components:
          - componentId: mirror
            handlerType: BUILDIN
            taskDetails: {function: echo}
        """);
    Outcome wrong = run("apply", shop.toString());
    // Then each fault is told with its line, once
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.err())
        .containsOnlyOnce("app_definition.yaml:1:")
        .containsOnlyOnce("app_definition.yaml:4:")
        .contains("wrong appId", "'Shop 1'");
    // When
    Files.writeString(
        shop.resolve("app_definition.yaml"),
        """
        appId: shop-1
        components:
          - componentId: mirror
            handlerType: BUILTIN
            taskDetails: {function: echo}
        triggers:
          - triggerId: on-order
            eventType: shop.order
            source: urn:nobody
            component: mirror
        """);
    Outcome right = run("apply", shop.toString());
    // Then
    assertThat(right.code()).as(right.err()).isZero();
    assertThat(right.out()).contains("  triggers: on-order");
    assertThat(right.err())
        .contains("trigger on-order never fires as it is")
        .contains("urn:nobody");
  }

  private static void deleteFacts(String brokers) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
      var facts = new TopicPartition(Topic.EXECUTIONS.topicName(), 0);
      admin.deleteRecords(Map.of(facts, RecordsToDelete.beforeOffset(-1))).all().get();
    }
  }

  /// The answer to a call of the sample that comes with Nexus.
  private JsonNode invoke(String wait, String idempotencyKey) {
    Outcome outcome =
        run(
            "invoke",
            "hello",
            "greet",
            "--input",
            "{\"name\": \"Ada\"}",
            "--wait",
            wait,
            "--idempotency-key",
            idempotencyKey,
            "--json");
    assertThat(outcome.code()).as(outcome.out() + outcome.err()).isZero();
    return outcome.json();
  }

  private String statusOf(String execution) {
    return run("executions", "get", execution, "--json").json().path("status").asText();
  }

  /// Verdicts by check.
  private static Map<String, String> checks(Outcome doctor) {
    Map<String, String> verdicts = new HashMap<>();
    findings(doctor).forEach((check, f) -> verdicts.put(check, f.path("verdict").asText()));
    return verdicts;
  }

  private static Map<String, JsonNode> findings(Outcome doctor) {
    Map<String, JsonNode> findings = new HashMap<>();
    doctor.json().path("findings").forEach(f -> findings.put(f.path("check").asText(), f));
    return findings;
  }

  private static void kill(long pid) throws Exception {
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    process.destroyForcibly();
    process.onExit().get(2, TimeUnit.MINUTES);
  }

  private Outcome run(String... arguments) {
    return run(Map.of("PATH", System.getenv("PATH")), arguments);
  }

  private Outcome run(Map<String, String> more, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Verbs.run(
            new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), environment(more)),
            arguments);
    return new Outcome(code, out.toString(), err.toString());
  }

  private Map<String, String> environment(Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("NEXUS_DATA_DIR", directory.toString());
    environment.put("NEXUS_HTTP_PORT", "0");
    environment.put("NEXUS_GRPC_PORT", "0");
    environment.put("NEXUS_KAFKA_PORT", "0");
    return environment;
  }
}
