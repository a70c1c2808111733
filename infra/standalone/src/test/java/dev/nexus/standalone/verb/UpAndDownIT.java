package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.standalone.run.RunFile;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands as a person uses them, with the platform in a process of its own.
class UpAndDownIT {
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
    // When
    Outcome second = run("up", "--detach");
    // Then
    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err().lines()).hasSize(1);
    assertThat(second.err()).contains("in use by process " + up.json().path("pid").asText());
    // When
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
    // When
    Outcome down = run("down", "--json");
    // Then
    assertThat(down.json().path("result").asText()).isEqualTo("stopped");
    assertThat(EmbeddedRedis.urlOfRunning(directory.resolve("redis"))).isEmpty();
    assertThat(RunFile.read(directory)).isEmpty();
  }

  @Test
  void shouldEndTheRedisAKilledPlatformLeft() throws Exception {
    // Given
    Outcome up = run("up", "--detach", "--json");
    assertThat(up.code()).as(up.err() + up.out()).isZero();
    kill(up.json().path("pid").asLong());
    // When
    Outcome down = run("down", "--json");
    // Then
    assertThat(down.json().path("result").asText()).isEqualTo("cleaned");
    assertThat(EmbeddedRedis.urlOfRunning(directory.resolve("redis"))).isEmpty();
  }

  private static void kill(long pid) throws Exception {
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    process.destroyForcibly();
    process.onExit().get(10, TimeUnit.SECONDS);
  }

  private Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Map<String, String> environment =
        Map.of(
            "PATH", System.getenv("PATH"),
            "NEXUS_DATA_DIR", directory.toString(),
            "NEXUS_HTTP_PORT", "0",
            "NEXUS_GRPC_PORT", "0",
            "NEXUS_KAFKA_PORT", "0");
    int code =
        Verbs.run(
            new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), environment),
            arguments);
    return new Outcome(code, out.toString(), err.toString());
  }
}
