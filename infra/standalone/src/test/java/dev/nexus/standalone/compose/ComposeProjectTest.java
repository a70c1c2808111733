package dev.nexus.standalone.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What somebody is told whose machine lacks what Compose needs.
class ComposeProjectTest {
  @TempDir Path directory;

  private Programs programs;

  @BeforeEach
  void inADirectory() {
    programs = new Programs(directory, Map.of());
  }

  @Test
  void shouldSayWhatToInstallWhereThereIsNoDocker() {
    String missing = directory.resolve("docker").toString();
    assertThatThrownBy(() -> ComposeProject.command(programs, missing))
        .isInstanceOf(ComposeFailedException.class)
        .hasMessageContaining("install Docker Engine and its Compose plugin");
  }

  @Test
  void shouldSayWhyNoEngineAnswers() throws Exception {
    String docker = program("echo 'Cannot connect to the Docker daemon' >&2; exit 1");
    assertThatThrownBy(() -> ComposeProject.command(programs, docker))
        .isInstanceOf(ComposeFailedException.class)
        .hasMessageContainingAll("no Docker engine answers", "Cannot connect to the Docker daemon");
  }

  @Test
  void shouldTakeTheComposeOfDockerWhereThereIsOne() throws Exception {
    String docker = program("exit 0");
    assertThat(ComposeProject.command(programs, docker)).isEqualTo(List.of(docker, "compose"));
  }

  private String program(String script) throws IOException {
    Path file = directory.resolve("docker");
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file.toString();
  }
}
