package dev.nexus.event.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedCommandTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/usr/bin/jq",
        "/usr/local/bin/curl-wrapper",
        "/opt/tool..v2/run",
        "/opt/.hidden/run",
        "/bin/sha256sum",
        "/opt/my tools/ü",
      })
  void shouldTakeFullPathsOfPrograms(String path) {
    assertThat(AllowedCommand.pathFault(path)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "jq",
        "./jq",
        "/",
        "usr/bin/jq",
        "/usr/bin/",
        "/usr//bin/jq",
        "//usr/bin/jq",
        "/usr/../bin/jq",
        "/usr/./bin/jq",
        "/usr/bin/..",
        "/usr/bin/.",
        "/usr/bin/j\0q",
        "/usr/bin/j\nq",
      })
  void shouldRefuseWhatIsNoFullPath(String path) {
    assertThat(AllowedCommand.pathFault(path)).isEqualTo(AllowedCommand.PATH_SHAPE);
  }

  @Test
  void shouldRefuseAPathThatIsTooLong() {
    assertThat(AllowedCommand.pathFault("/" + "a".repeat(AllowedCommand.LONGEST_PATH)))
        .isEqualTo(AllowedCommand.PATH_SHAPE);
  }

  @ParameterizedTest
  @CsvSource({"/tmp/x, /tmp", "/dev/shm/x, /dev", "/proc/self/exe, /proc", "/run/x, /run"})
  void shouldRefuseWhatIsNotOfAnImage(String path, String below) {
    assertThat(AllowedCommand.pathFault(path))
        .isEqualTo("a program of the image, which nothing below " + below + " is");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/usr/bin/bash", "/bin/dash", "/bin/busybox", "/opt/zsh"})
  void shouldRefuseShells(String path) {
    assertThat(AllowedCommand.pathFault(path)).contains("no shell");
  }

  @Test
  void shouldSayWhichArgumentsCannotBe() {
    assertThat(AllowedCommand.argsFault(List.of())).isEmpty();
    assertThat(AllowedCommand.argsFault(List.of("-r", "re:.*", "..."))).isEmpty();
    assertThat(AllowedCommand.argsFault(List.of("..."))).startsWith("... at the end");
    assertThat(AllowedCommand.argsFault(List.of("a", "...", "b"))).startsWith("... at the end");
    assertThat(AllowedCommand.argsFault(List.of("a", "...", "..."))).startsWith("... at the end");
    assertThat(AllowedCommand.argsFault(List.of("a\0b"))).contains("NUL");
    assertThat(AllowedCommand.argsFault(List.of("a".repeat(1_025)))).contains("1024 characters");
    assertThat(AllowedCommand.argsFault(Collections.nCopies(65, "a"))).contains("at most 64");
  }

  @Test
  void shouldTellPatternsFromWhatRepeatsThem() {
    assertThat(new AllowedCommand("/a", List.of("x", "y", "...")).patterns())
        .containsExactly("x", "y");
    assertThat(new AllowedCommand("/a", List.of("x", "y", "...")).repeats()).isTrue();
    assertThat(new AllowedCommand("/a", List.of("x")).patterns()).containsExactly("x");
    assertThat(new AllowedCommand("/a", List.of()).repeats()).isFalse();
  }
}
