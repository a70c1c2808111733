package dev.nexus.standalone.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.config.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which platforms are found beside one's own, and how they are printed.
class NeighbourTest {
  private static final UserPrincipal STRANGER = () -> "a stranger";

  @TempDir Path temporary;

  /// What the system shows of processes.
  private Path processes;

  private Path home;
  private Path data;
  private UserPrincipal user;

  @BeforeEach
  void beginAPlatform() throws Exception {
    Path directory = temporary.toRealPath();
    processes = Files.createDirectory(directory.resolve("proc"));
    home = Files.createDirectory(directory.resolve("home"));
    data = Files.createDirectory(home.resolve("data"));
    user = Files.getOwner(data);
    run().write(data);
  }

  private static RunFile run() {
    var addresses = new Addresses("http://127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "", true, 7);
    return RunFile.ofThisProcess("i", Instant.now(), addresses, Settings.of(Map.of()));
  }

  /// A process that stands in the home directory.
  private Path process(int pid, String... words) throws Exception {
    Path process = Files.createDirectory(processes.resolve(String.valueOf(pid)));
    Files.writeString(process.resolve("cmdline"), String.join("\0", words) + "\0");
    Files.createSymbolicLink(process.resolve("cwd"), home);
    return process;
  }

  private Path platform(int pid) throws Exception {
    return process(pid, "java", "-cp", "x", NexusCommand.PROGRAM, "up", "--data", "data");
  }

  private List<Path> found(Path own, UserPrincipal of) {
    return Neighbour.of(own, processes, of).stream().map(Neighbour::data).toList();
  }

  @Test
  void shouldFindTheDirectoryThatAPlatformWasStartedOn() throws Exception {
    // Given
    Path apart = platform(17);
    Path joined = process(18, "java", NexusCommand.PROGRAM, "up", "--fsync", "--data=../home/data");

    // Then
    assertThat(Neighbour.dataOf(apart, user)).contains(data);
    assertThat(Neighbour.dataOf(joined, user)).contains(data);
    assertThat(found(home.resolve("other"), user)).containsOnlyOnce(data);
  }

  @Test
  void shouldTakeNoOtherVerbForAStart() throws Exception {
    // Given
    Path other =
        process(17, "java", NexusCommand.PROGRAM, "events", "--type", "up", "--data", "data");
    Path none = process(18, "java", "up", NexusCommand.PROGRAM);

    // Then
    assertThat(Neighbour.dataOf(other, user)).isEmpty();
    assertThat(Neighbour.dataOf(none, user)).isEmpty();
    assertThat(found(home.resolve("other"), user)).doesNotContain(data);
  }

  @Test
  void shouldNotBelieveProcessesOfOtherUsers() throws Exception {
    assertThat(Neighbour.dataOf(platform(17), STRANGER)).isEmpty();
  }

  @Test
  void shouldNotBelieveDirectoriesOfOtherUsers() throws Exception {
    // Given: a directory that needs no process to be found
    Path demonstration = Files.createTempDirectory(Neighbour.DEMONSTRATION);
    try {
      run().write(demonstration);

      // Then
      assertThat(found(home, user)).contains(demonstration);
      assertThat(found(home, STRANGER)).isEmpty();
    } finally {
      RunFile.delete(demonstration);
      Files.delete(demonstration);
    }
  }

  @Test
  void shouldKnowItsOwnDirectoryHoweverItIsWritten() throws Exception {
    // Given
    platform(17);

    // Then
    assertThat(found(data, user)).doesNotContain(data);
    assertThat(found(home.resolve("../home/./data"), user)).doesNotContain(data);
  }

  @Test
  void shouldPrintNothingThatATerminalObeys() {
    // Given
    Path hostile = home.resolve("a\u001b[2Jb\nc");
    var neighbour = new Neighbour(hostile, run());

    // Then
    assertThat(neighbour.called()).isEqualTo("the platform on " + home + "/a[2Jbc");
    assertThat(NexusCommand.on(hostile, "down"))
        .isEqualTo("./nexus down --data '" + home + "/a[2Jbc'");
  }
}
