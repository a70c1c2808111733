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

/// What somebody is told whose machine lacks what Compose needs, and what is made of the answers of
/// an engine that fails.
class ComposeProjectTest {
  private static final String NAMES = "nexus-test-";

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

  @Test
  void shouldCallComposeAboutItsOwnProject() throws Exception {
    // Given
    String engine =
        """
        case "$*" in
          'compose config') printf %s "$COMPOSE_PROJECT_NAME" ;;
        esac
        """;

    // Then
    try (var project = project(engine)) {
      assertThat(project.compose("config"))
          .startsWith(NAMES)
          .isEqualTo(project.variables().get("COMPOSE_PROJECT_NAME"));
    }
  }

  @Test
  void shouldNotTakeALookThatFailedForNothingThatRuns() throws Exception {
    // Given
    String engine =
        """
        case "$*" in
          *status=running*) echo 'the engine is gone' >&2; exit 1 ;;
        esac
        """;

    // Then
    try (var project = project(engine)) {
      assertThatThrownBy(project::running)
          .isInstanceOf(ComposeFailedException.class)
          .hasMessageContaining("the engine is gone");
    }
  }

  @Test
  void shouldNameTheServicesThatRun() throws Exception {
    // Given
    String engine =
        """
        case "$*" in
          *status=running*) printf '%s\\n' redis projector ;;
        esac
        """;

    // Then
    try (var project = project(engine)) {
      assertThat(project.running()).containsExactly("projector", "redis");
    }
  }

  @Test
  void shouldTakeForMissingOnlyAnImageThatTheEngineDoesNotKnow() throws Exception {
    // Given
    String engine =
        """
        case "$*" in
          *' there') echo 4096 ;;
          *' missing') echo 'Error: No such image: missing' >&2; exit 1 ;;
          *' slow') echo 'context deadline exceeded' >&2; exit 1 ;;
        esac
        """;

    // Then
    try (var project = project(engine)) {
      assertThat(project.imageBytes("there")).hasValue(4_096L);
      assertThat(project.imageBytes("missing")).isEmpty();
      assertThatThrownBy(() -> project.imageBytes("slow"))
          .isInstanceOf(ComposeFailedException.class)
          .hasMessageContaining("context deadline exceeded");
    }
  }

  @Test
  void shouldBeginAlsoWhereAnotherRunRemovesWhatTheDeadLeft() throws Exception {
    // Given a volume of a process that cannot be, which is gone when it is to be removed
    Path calls = directory.resolve("calls");
    String engine =
        """
        echo "$*" >>'%s'
        case "$*" in
          'volume ls --format '*) echo nexus-test-2147483647-1 ;;
          'volume ls --quiet '*=nexus-test-2147483647-1) echo gone ;;
          'volume rm '*) echo 'no such volume' >&2; exit 1 ;;
        esac
        """
            .formatted(calls);

    // When
    try (var project = project(engine)) {
      // Then
      assertThat(Files.readAllLines(calls)).contains("volume rm gone");
      assertThat(project.left()).isEmpty();
    }
  }

  @Test
  void shouldBeRemovedAlsoWhereItsFilesAreGone() throws Exception {
    // Given
    Path files = Files.createDirectory(directory.resolve("files"));
    var project = new ComposeProject(program("exit 0"), NAMES, files, Map.of());
    Files.delete(files);

    // When
    project.close();

    // Then
    assertThat(project.left()).isEmpty();
  }

  private ComposeProject project(String engine) throws Exception {
    return new ComposeProject(program(engine), NAMES, directory, Map.of());
  }

  private String program(String script) throws IOException {
    Path file = directory.resolve("docker");
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file.toString();
  }
}
