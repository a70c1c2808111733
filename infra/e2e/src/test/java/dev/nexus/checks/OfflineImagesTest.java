package dev.nexus.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// When the images for a machine without a registry are built again. Images are files here, named
/// as they are, with the label that tells what is in them.
@EnabledOnOs(OS.LINUX)
class OfflineImagesTest {
  private static final String SCRIPT = "infra/images/offline/offline.sh";

  private static final String BUILD =
      """
      mkdir -p target/images/training/cli target/images/training/projector
      echo jars >target/images/jars
      contents=''
      while [ $# -gt 0 ]; do
        [ "$1" != --label ] || contents=${2#dev.nexus.contents=}
        shift
      done
      [ -n "$contents" ] || exit 0
      echo once >>builds
      mkdir -p images/nexus
      echo "$contents" >images/nexus/cli:offline
      echo "$contents" >images/nexus/projector:offline
      """;

  private static final String DOCKER =
      """
      if [ "$1" = image ]; then
        for image; do :; done
        exec cat "images/$image"
      fi
      while [ $# -gt 0 ]; do
        [ "$1" != --label ] || contents=${2#dev.nexus.contents=}
        [ "$1" != --tag ] || image=$2
        shift
      done
      echo "$image" >>built
      mkdir -p "images/${image%/*}"
      echo "$contents" >"images/$image"
      """;

  @TempDir Path directory;

  @BeforeEach
  void onAMachineWithItsBases() throws IOException {
    Path script = directory.resolve(SCRIPT);
    Files.createDirectories(script.getParent());
    Files.copy(Repository.root().resolve(SCRIPT), script);
    program(directory.resolve("infra/images/build.sh"), BUILD);
    Files.createDirectories(directory.resolve("infra/images/runners"));
    Files.writeString(directory.resolve("infra/images/runners/Dockerfile"), "FROM scratch\n");
    program(directory.resolve("tools/docker"), DOCKER);
    Path bases = Files.createDirectories(directory.resolve("images/nexus-offline"));
    for (String base : List.of("base:bookworm", "jdk:25", "redis")) {
      Files.writeString(bases.resolve(base), "");
    }
  }

  @Test
  void shouldBuildOnlyWhatNeedsNoJars() throws Exception {
    // When
    run("--bases");

    // Then
    assertThat(directory.resolve("target/images")).doesNotExist();
    assertThat(directory.resolve("builds")).doesNotExist();
  }

  @Test
  void shouldBuildRunnersOnlyWhereTheirFilesAreOthers() throws Exception {
    // Given
    run("--runners");
    run("--runners");
    assertThat(built()).containsExactly("nexus/runner-python:offline", "nexus/runner-node:offline");

    // When
    Files.writeString(directory.resolve("infra/images/runners/child.js"), "// another one\n");
    run("--runners");

    // Then
    assertThat(built()).hasSize(4);
    assertThat(directory.resolve("target/images")).doesNotExist();
  }

  @Test
  void shouldBuildAgainWhereAnyImageIsGoneOrOfAnotherTree() throws Exception {
    // Given
    run();
    run();
    assertThat(builds()).isEqualTo(1);

    // When one is gone, and then another one comes from elsewhere
    Files.delete(directory.resolve("images/nexus/projector:offline"));
    run();
    Files.writeString(directory.resolve("images/nexus/cli:offline"), "of another tree\n");
    run();
    run();

    // Then
    assertThat(builds()).isEqualTo(3);
    assertThat(directory.resolve("images/nexus-offline/kafka"))
        .hasSameTextualContentAs(directory.resolve("images/nexus/cli:offline"));
  }

  private List<String> built() throws IOException {
    return Files.readAllLines(directory.resolve("built"));
  }

  private int builds() throws IOException {
    return Files.readAllLines(directory.resolve("builds")).size();
  }

  private static void program(Path file, String script) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void run(String... arguments) throws IOException, InterruptedException {
    Path said = directory.resolve("said");
    List<String> command = new ArrayList<>(List.of("/bin/bash", SCRIPT));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    builder.environment().put("PATH", directory.resolve("tools") + ":" + System.getenv("PATH"));
    Process process = builder.start();
    boolean ended = process.waitFor(2, TimeUnit.MINUTES);
    process.destroyForcibly();
    assertThat(ended && process.waitFor() == 0).as(Files.readString(said)).isTrue();
  }
}
