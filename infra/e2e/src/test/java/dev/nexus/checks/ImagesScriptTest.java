package dev.nexus.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./nexus images` on a machine that has a Docker, and neither a JDK nor Maven. This Docker notes
/// what it is asked to build.
class ImagesScriptTest {
  private static final String DOCKER =
      """
      #!/bin/sh
      case $1 in
        build) echo "$*" >>calls ;;
        image) echo 42000000 ;;
      esac
      """;

  @TempDir Path directory;

  private record Outcome(int code, String out, String err) {}

  @BeforeEach
  void onAMachineWithDockerAlone() throws IOException {
    for (String file : List.of("nexus", "pom.xml", "infra/images/build.sh")) {
      Path copy = directory.resolve(file);
      Files.createDirectories(copy.getParent());
      Files.copy(Repository.root().resolve(file), copy);
    }
    program("docker", DOCKER);
    program("java", "#!/bin/sh\nexit 1\n");
  }

  @Test
  void shouldBuildRunnersWithoutJdkAndMaven() throws Exception {
    // When
    Outcome outcome = images("build", "runner-node", "--tag", "1", "--json");

    // Then
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(Files.readAllLines(directory.resolve("calls")))
        .singleElement()
        .asString()
        .contains("--target runner-node --tag nexus/runner-node:1 ")
        .endsWith("/infra/images/runners");
    JsonNode built = new ObjectMapper().readTree(outcome.out()).at("/images/0");
    assertThat(built.path("image").asText()).isEqualTo("nexus/runner-node:1");
    assertThat(built.path("bytes").asLong()).isEqualTo(42_000_000);
  }

  @Test
  void shouldSayWhatAnImageOfAPoolCanBeBuiltOn() throws Exception {
    // When
    Outcome told = images("list");
    Outcome asJson = images("list", "--json");

    // Then
    assertThat(told.code()).as(told.err()).isZero();
    assertThat(told.out().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80))
        .contains("node:22-slim (medium, 42 MB here)");
    List<JsonNode> images =
        new ObjectMapper().readTree(asJson.out()).path("images").valueStream().toList();
    assertThat(images)
        .allSatisfy(image -> assertThat(image.path("takeItFor").asText()).isNotBlank())
        .extracting(image -> image.path("image").asText())
        .contains("python:3.12-slim", "node:22-slim", "debian:bookworm-slim")
        .anyMatch(image -> image.startsWith("nexus/runner-python:"));
  }

  @Test
  void shouldNotBuildServicesWithoutJdk() throws Exception {
    // When
    Outcome outcome = images("build");

    // Then
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).startsWith("Nexus needs JDK 25");
    assertThat(directory.resolve("calls")).doesNotExist();
  }

  @Test
  void shouldSayOnceThatThereIsNoSuchImage() throws Exception {
    // When
    Outcome outcome = images("build", "runner-cobol");

    // Then
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err().lines()).hasSize(1);
    assertThat(outcome.err()).startsWith("unknown image 'runner-cobol'").contains("runner-python");
  }

  private void program(String name, String script) throws IOException {
    Path file = directory.resolve("tools").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Outcome images(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("/bin/bash", "nexus", "images"));
    command.addAll(List.of(arguments));
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().put("HOME", directory.toString());
    builder.environment().put("NEXUS_JDKS", directory.resolve("no-jdks").toString());
    builder.environment().put("PATH", directory.resolve("tools") + ":/usr/bin:/bin");
    Process process = builder.start();
    boolean ended = process.waitFor(2, TimeUnit.MINUTES);
    process.destroyForcibly();
    assertThat(ended).as(Files.readString(err)).isTrue();
    return new Outcome(process.waitFor(), Files.readString(out), Files.readString(err));
  }
}
