package dev.nexus.standalone.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.testkit.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How programs are run, and that nothing runs on when they are ended.
class ProgramsTest {
  @TempDir Path directory;

  @Test
  void shouldGiveWhatIsPrinted() throws Exception {
    // Given
    var programs = new Programs(directory, Map.of());

    // When
    String printed = programs.run("what it reads", List.of("cat"));

    // Then
    assertThat(printed).isEqualTo("what it reads");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void shouldSayWhatAProgramSaidThatFailed() {
    var programs = new Programs(directory, Map.of());
    assertThatThrownBy(() -> programs.run("sh", "-c", "echo printed; echo said >&2; exit 3"))
        .isInstanceOf(ComposeFailedException.class)
        .hasMessageContainingAll("failed", "printed", "said")
        .hasNoCause();
    assertThatThrownBy(() -> programs.run(directory.resolve("none").toString()))
        .isInstanceOf(ComposeFailedException.class)
        .hasCauseInstanceOf(IOException.class);
  }

  @Test
  void shouldGoByTheEndOfAProgramThatDoesNotReadEverything() throws Exception {
    // Given more than a pipe holds
    String input = "a line\n".repeat(100_000);
    var programs = new Programs(directory, Map.of());

    // Then
    assertThat(programs.run(input, List.of("echo", "enough"))).isEqualTo("enough\n");
    assertThatThrownBy(() -> programs.run(input, List.of("sh", "-c", "echo why >&2; exit 3")))
        .isInstanceOf(ComposeFailedException.class)
        .hasMessageContaining("failed: why")
        .hasNoCause();
  }

  @Test
  void shouldShowProgramsOnlyWhatIsMeantForThem() throws Exception {
    // When
    String environment = new Programs(directory, Map.of("IMAGE_TAG", "offline")).run("env");

    // Then
    assertThat(environment.lines())
        .contains("IMAGE_TAG=offline")
        .allMatch(line -> line.matches("(PATH|HOME|TMPDIR|IMAGE_TAG|DOCKER_[A-Z_]+)=.*"));
  }

  @Test
  void shouldEndWhatRunsWithWhatItStartedAndBeginNothingMore() throws Exception {
    // Given
    var programs = new Programs(directory, Map.of());
    Path pid = directory.resolve("pid");
    String script = "sleep 600 & echo $! > pid.new && mv pid.new pid && wait";
    try (var threads = Executors.newSingleThreadExecutor()) {
      Future<String> running = threads.submit(() -> programs.run("sh", "-c", script));
      Eventually.holds(() -> assertThat(pid).exists());

      // When
      boolean any = programs.end();

      // Then
      assertThat(any).isTrue();
      assertThatThrownBy(running::get).hasCauseInstanceOf(ComposeFailedException.class);
    }
    long child = Long.parseLong(Files.readString(pid).strip());
    Eventually.holds(() -> assertThat(isOver(child)).as("process " + child + " is over").isTrue());
    assertThatThrownBy(() -> programs.run("true")).hasMessageContaining("nothing is begun any");
    assertThat(programs.end()).isFalse();
  }

  @Test
  void shouldTellWhetherAnythingHadBegunAlsoWhenItIsOver() throws Exception {
    // Given
    var used = new Programs(directory, Map.of());
    used.run("true");

    // Then
    assertThat(used.end()).isTrue();
    assertThat(used.end()).isFalse();
    assertThat(new Programs(directory, Map.of()).end()).isFalse();
  }

  /// One that nobody has waited for is in the table of processes still, as a zombie.
  private static boolean isOver(long process) throws IOException {
    if (ProcessHandle.of(process).filter(ProcessHandle::isAlive).isEmpty()) {
      return true;
    }
    Path stat = Path.of("/proc", Long.toString(process), "stat");
    return Files.exists(stat) && Files.readString(stat).contains(") Z ");
  }
}
