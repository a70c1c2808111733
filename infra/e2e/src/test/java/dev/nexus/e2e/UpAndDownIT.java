package dev.nexus.e2e;

import static dev.nexus.e2e.Commands.HELLO;
import static dev.nexus.e2e.Commands.findings;
import static dev.nexus.e2e.Commands.verdicts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.e2e.Commands.Outcome;
import dev.nexus.embedded.DataDirectory;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.standalone.NexusProcess;
import dev.nexus.standalone.run.RunFile;
import dev.nexus.testkit.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

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

  @RegisterExtension final OwnPlatform platform = new OwnPlatform();

  private final Path directory = platform.directory();
  private final Commands commands = platform.commands();

  @Test
  void shouldComeBackAsItWasWhenKilled() throws Exception {
    // Given
    Outcome up = commands.up("--json");
    assertThat(commands.run("status").code()).isZero();
    String keys = commands.run("keys", "list").out();
    int redisPort = up.json().path("redisPort").asInt();
    assertThat(commands.run("apply", HELLO).code()).isZero();
    String finished = commands.invoke("30s", "finished-before").path("executionId").asText();
    awaitGood();
    // When
    Outcome second = commands.run("up", "--detach");
    // Then
    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err().lines()).hasSize(1);
    assertThat(second.err())
        .contains("in use by process " + up.json().path("pid").asText())
        .contains("stop it with ./nexus down --data " + directory);
    // When
    String accepted = commands.invoke("0s", "accepted-before").path("executionId").asText();
    kill(up.json().path("pid").asLong());
    // Then
    assertThat(commands.run("status").code()).isEqualTo(1);
    assertThat(commands.run("doctor").out()).contains("ended without saying so");
    // When
    Outcome again = commands.up("--json");
    // Then
    assertThat(again.json().path("redisPort").asInt()).isEqualTo(redisPort);
    assertThat(commands.run("keys", "list").out()).isEqualTo(keys);
    for (String execution : List.of(finished, accepted)) {
      Eventually.holds(() -> assertThat(statusOf(execution)).isEqualTo("SUCCEEDED"));
    }
    assertThat(commands.invoke("30s", "accepted-before").path("executionId").asText())
        .isEqualTo(accepted);
    assertThat(commands.run("events", "executions", "--all", "--json").out().lines())
        .filteredOn(line -> line.contains("ExecutionSucceeded") && line.contains(accepted))
        .hasSize(1);
    assertThat(commands.run("events", "promotions").err())
        .startsWith("nothing on nexus.promotions yet");
    assertThat(commands.run("oracle", "status").err()).startsWith("the oracle has decided nothing");
    // When
    Outcome down = commands.run("down", "--json");
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
    try (NexusProcess up = NexusProcess.start(directory, commands.environment(Map.of()), "up")) {
      Eventually.holds(() -> assertThat(up.out()).contains("  stop   Ctrl-C, or "));
      NexusProcess.needsInterrupts(!up.ignoresInterrupts());
      assertThat(commands.run("apply", HELLO).code()).isZero();
      keys = commands.run("keys", "list").out();
      finished = commands.invoke("30s", "before-ctrl-c").path("executionId").asText();
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
    commands.up();
    // Then
    assertThat(commands.run("keys", "list").out()).isEqualTo(keys);
    assertThat(commands.invoke("30s", "before-ctrl-c").path("executionId").asText())
        .isEqualTo(finished);
    Eventually.holds(() -> assertThat(statusOf(finished)).isEqualTo("SUCCEEDED"));
  }

  @Test
  void shouldEndTheRedisAKilledPlatformLeft() throws Exception {
    // Given
    Map<String, String> odd =
        Map.of(
            "NEXUS_FACTS_KEPT",
            "1m",
            "NEXUS_DISK_RESERVES_MB",
            "9",
            "NEXUS_LLM_API_KEY",
            "sk-secret");
    Outcome up = commands.up(odd);
    assertThat(up.out())
        .contains("  stop   ./nexus down --data " + directory)
        .contains("  log    " + directory.resolve("nexus.log"))
        .contains(
            "  ask    ./nexus status --data " + directory + "; export NEXUS_DATA_DIR=" + directory);
    tellsWhereAPlatformRunsToWhomLooksElsewhere();
    assertThat(up.err())
        .contains("NEXUS_DISK_RESERVES_MB is no setting")
        .contains("did you mean NEXUS_DISK_RESERVE_MB?")
        .doesNotContain(" WARN ");
    assertThat(directory.resolve("up.log")).content().doesNotContain(" WARN ");
    assertThat(directory.resolve("run.json"))
        .content()
        .contains("\"NEXUS_FACTS_KEPT\":\"1m\"")
        .doesNotContain("sk-secret");
    // And a shell that says something else than what runs
    Map<String, JsonNode> here = findings(commands.run("doctor", "--json"));
    assertThat(here.get("settings").path("verdict").asText()).isEqualTo("good");
    assertThat(here.get("settings").path("detail").asText()).contains("NEXUS_FACTS_KEPT=1m");
    assertThat(here.get("snapshots").path("detail").asText()).contains("facts stay 1m");
    Map<String, String> other = Map.of("NEXUS_FACTS_KEPT", "7d");
    JsonNode differs = findings(commands.run(other, "doctor", "--json")).get("settings");
    assertThat(differs.path("verdict").asText()).isEqualTo("doubtful");
    assertThat(differs.path("detail").asText())
        .contains("NEXUS_FACTS_KEPT is 1m there and 7d here");
    tellsWhatIsWrongWithADefinitionAndWhatItHas();
    kill(RunFile.read(directory).orElseThrow().pid());
    // When
    Outcome down = commands.run("down", "--json");
    // Then
    assertThat(down.json().path("result").asText()).isEqualTo("cleaned");
    assertThat(EmbeddedRedis.urlOfRunning(directory.resolve("redis"))).isEmpty();
  }

  @Test
  void shouldSayInOneLineWhatToDoWhenThereIsNoRedisAtAll() throws Exception {
    // Given a PATH without redis-server, and without what tells which embedded one would fit
    Path nothing = Files.createDirectory(directory.resolve("no-programs"));

    // When
    Outcome up = commands.run(Map.of("PATH", nothing.toString()), "up", "--detach");

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

  /// What one finds that asks right after a start may still be on its way.
  private void awaitGood() {
    Eventually.holds(
        () ->
            assertThat(verdicts(commands.run("doctor", "--json").json()))
                .containsEntry("kafka", "good")
                .containsEntry("kafka version", "good")
                .containsEntry("transactions", "good")
                .containsEntry("share groups", "good")
                .containsEntry("nexus-lane-code lag", "good")
                .containsAllEntriesOf(GOOD_ALL)
                .containsEntry("nexus-lane-container lag", "good")
                .doesNotContainKey("nexus-lane-tool lag")
                .containsEntry("sessions", "good")
                .containsEntry("topics", "good")
                .containsEntry("snapshots", "good")
                .containsEntry("redis", "good")
                .doesNotContainValue("broken"));
  }

  /// Where the system shows how processes were started; elsewhere such a platform is a stranger.
  private void tellsWhereAPlatformRunsToWhomLooksElsewhere() {
    Commands elsewhere = new Commands(directory.resolve("elsewhere"));
    String advice = "name another with --data";
    assertThat(elsewhere.run("keys", "list").err()).contains(advice);
    assertThat(elsewhere.run("events", "executions").err()).contains(advice);
    if (Files.exists(Path.of("/proc/self/cmdline"))) {
      String there = "the platform on " + directory + " (--data " + directory + ")";
      for (String verb : List.of("down", "status", "doctor")) {
        assertThat(elsewhere.run(verb).out()).as(verb).contains(there);
      }
      assertThat(elsewhere.run("keys", "list").err()).contains(there);
      assertThat(elsewhere.run("events", "executions").err()).contains(there);
    }
    assertThat(commands.run("status").code()).isZero();
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
    Outcome wrong = commands.run("apply", shop.toString());
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
    Outcome right = commands.run("apply", shop.toString());
    // Then
    assertThat(right.code()).as(right.err()).isZero();
    assertThat(right.out()).contains("  triggers: on-order");
    assertThat(right.err())
        .contains("trigger on-order never fires as it is")
        .contains("urn:nobody");
  }

  private String statusOf(String execution) {
    return commands.run("executions", "get", execution, "--json").json().path("status").asText();
  }

  private static void kill(long pid) throws Exception {
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    process.destroyForcibly();
    process.onExit().get(2, TimeUnit.MINUTES);
  }
}
