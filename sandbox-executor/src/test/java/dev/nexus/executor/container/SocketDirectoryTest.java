package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.testkit.ShortJvm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketDirectoryTest {
  @TempDir private Path temporary;

  @Test
  void shouldLetNobodyElseIn() throws Exception {
    Path base = temporary.resolve("b");
    try (var sockets = SocketDirectory.in(base)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(base)))
          .isEqualTo("rwx------");
      assertThat(sockets.living()).containsExactly(sockets.executor());
    }
  }

  @Test
  void shouldKeepTwoOfOneProcessApartAndShareTheBase() {
    Path base = temporary.resolve("b");
    try (var one = SocketDirectory.in(base);
        var other = SocketDirectory.in(base)) {
      assertThat(one.id()).isEqualTo(other.id());
      assertThat(one.living()).containsExactlyInAnyOrder(one.executor(), other.executor());
      assertThat(other.living()).containsExactlyInAnyOrder(one.executor(), other.executor());
    }
  }

  /// Another process of this user, which tells who lives.
  static final class Other {
    private Other() {}

    public static void main(String[] base) {
      try (var sockets = SocketDirectory.in(Path.of(base[0]))) {
        System.out.println(sockets.living());
      }
    }
  }

  /// A lock ends as soon as its process closes the file once more, by whatever.
  @Test
  void shouldLiveForOtherProcessesHoweverOftenItLooks() throws Exception {
    Path base = temporary.resolve("b");
    try (var sockets = SocketDirectory.in(base)) {
      sockets.living();
      sockets.turn().orElseThrow().close();
      sockets.living();

      // When
      List<String> command = new ArrayList<>(ShortJvm.command("64m", Other.class));
      command.add(base.toString());
      Process other = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      // Then
      assertThat(other.waitFor()).as(said).isZero();
      assertThat(said).contains(sockets.executor());
      assertThat(base.resolve(sockets.executor())).isDirectory();
    }
  }

  @Test
  void shouldGiveTheTurnToOneAtATime() throws Exception {
    Path base = temporary.resolve("b");
    try (var one = SocketDirectory.in(base);
        var other = SocketDirectory.in(base)) {
      var turn = one.turn().orElseThrow();
      assertThat(other.turn()).isEmpty();
      turn.close();
      other.turn().orElseThrow().close();
    }
  }

  @Test
  void shouldFindWhoHasDiedAndLeaveOtherFilesAlone() throws Exception {
    Path base = temporary.resolve("b");
    try (var sockets = SocketDirectory.in(base)) {
      Path dead = Files.createDirectories(base.resolve("00000000000000aa/00000000000000bb"));
      Files.createFile(dead.getParent().resolve("lock"));
      Path foreign = Files.createDirectory(base.resolve("things"));
      Files.createFile(foreign.resolve("lock"));

      assertThat(sockets.living()).containsExactly(sockets.executor());

      assertThat(dead.getParent()).doesNotExist();
      assertThat(foreign).isDirectory();
    }
  }

  @Test
  void shouldRefuseALinkAndADirectoryOfOthers() throws Exception {
    Path target = Files.createDirectory(temporary.resolve("target"));
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path link = Files.createSymbolicLink(temporary.resolve("link"), target);

    for (Path base : new Path[] {link, target}) {
      assertThatThrownBy(() -> SocketDirectory.in(base))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("only this user may enter");
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
        .isEqualTo("rwxr-xr-x");
  }
}
