package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import dev.nexus.testkit.NeedsTool;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `nexus images check` as a person types it, of the images there are.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class ImageCheckIT {
  private record Outcome(int code, String out, String err) {}

  @BeforeAll
  static void buildRunners() throws Exception {
    String script = Path.of("../images/offline/offline.sh").toAbsolutePath().normalize().toString();
    assertThat(new ProcessBuilder(script, "--runners").inheritIO().start().waitFor()).isZero();
  }

  private static Outcome check(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String host =
        Objects.requireNonNullElse(System.getenv("DOCKER_HOST"), "unix:///var/run/docker.sock");
    var terminal =
        new Terminal(
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            Map.of(
                "NEXUS_DOCKER_HOST", host, "NEXUS_RUNNER_IMAGES", "nexus/runner-{runner}:offline"));
    int code = Verbs.run(terminal, arguments);
    return new Outcome(code, out.toString(), err.toString());
  }

  @Test
  void shouldSayWhatARunnerCanDo() {
    // When
    Outcome outcome = check("image-check", "nexus/runner-node:offline");

    // Then
    assertThat(outcome.code()).as(outcome.toString()).isZero();
    assertThat(outcome.out())
        .contains("javascript     works", "tools          works", "commands       works")
        .contains("python         INVALID_DEFINITION: this runner runs javascript")
        .contains("its own        none")
        .endsWith("A pool can use nexus/runner-node:offline.\n");
  }

  @Test
  void shouldSayWhatAnImageWithoutARunnerCannotDo() {
    // When
    Outcome outcome = check("image-check", "nexus-offline/base:bookworm", "--json");

    // Then
    assertThat(outcome.code()).as(outcome.toString()).isEqualTo(1);
    JsonNode said = CanonicalJson.read(outcome.out());
    assertThat(said.path("usable").asBoolean(true)).isFalse();
    assertThat(said.path("tools").asText()).isEqualTo("not tried: it runs no script");
    assertThat(said.path("commands").asText()).isNotEmpty();
  }
}
