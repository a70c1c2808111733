package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.e2e.Commands.Outcome;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.standalone.run.RunFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// The platform that a test starts by commands on a directory of its own: `down` has to end what of
/// it still runs after the test.
///
/// ```java
/// @RegisterExtension final OwnPlatform platform = new OwnPlatform();
/// ```
final class OwnPlatform implements AfterEachCallback {
  private final Path directory;
  private final Commands commands;

  OwnPlatform() {
    try {
      directory = Files.createTempDirectory("nexus-own");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    commands = new Commands(directory);
  }

  Path directory() {
    return directory;
  }

  Commands commands() {
    return commands;
  }

  /// Where nothing runs any more `down` succeeds too.
  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    Outcome down = commands.run("down");
    if (down.code() != 0) {
      endByForce();
    }
    assertThat(down.code()).as("down of %s: %s", directory, down.err() + down.out()).isZero();
    ChildPlatform.deleteTree(directory);
  }

  /// Other tests are not to run beside it. The directory stays, as its logs may say why.
  private void endByForce() {
    RunFile.read(directory)
        .flatMap(RunFile::process)
        .ifPresent(
            process -> {
              process.destroyForcibly();
              process.onExit().join();
            });
    // What a killed one leaves.
    commands.run("down");
  }
}
