package dev.nexus.executor.wasm;

import dev.nexus.event.NameIds;
import dev.nexus.executor.code.CodeLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import run.endive.runtime.Memory;

/// Python as it is behind its start and its prelude, which take it seconds, as the build has made
/// it: a resource of this program.
final class PythonSnapshot {
  private static final Logger LOG = LoggerFactory.getLogger(PythonSnapshot.class);
  private static final String RESOURCE = "python.snapshot";

  private PythonSnapshot() {}

  /// Makes the resource, unless it is there.
  ///
  /// @param args directory of this program's classes
  public static void main(String[] args) throws IOException {
    Path file =
        Path.of(args[0])
            .resolve(PythonSnapshot.class.getPackageName().replace('.', '/'))
            .resolve(RESOURCE);
    if (Files.exists(file) && read(Files.newInputStream(file)).isPresent()) {
      return;
    }
    int pages = CodeLimits.DEFAULT.memoryBytes() / Memory.PAGE_SIZE;
    SnapshotFile.write(
        file,
        origin(),
        ScopedValue.where(GuestCall.CURRENT, GuestCall.withoutInput(Long.MAX_VALUE))
            .call(() -> Python.begun(pages)));
  }

  /// What the build made; empty where it made none of this Python and this prelude.
  static Optional<MemorySnapshot> made() {
    try (InputStream resource = PythonSnapshot.class.getResourceAsStream(RESOURCE)) {
      Optional<MemorySnapshot> made = resource == null ? Optional.empty() : read(resource);
      if (made.isEmpty()) {
        LOG.atInfo().log(
            "Python starts anew, which takes some seconds: the build made no snapshot");
      }
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException(RESOURCE + " cannot be read", e);
    }
  }

  private static Optional<MemorySnapshot> read(InputStream file) throws IOException {
    return SnapshotFile.read(file, origin());
  }

  private static String origin() {
    String version = io.trino.wasm.python.Python.class.getPackage().getImplementationVersion();
    return String.join(
        " ",
        version,
        NameIds.sha256(Prelude.text(Python.PRELUDE)),
        "in " + SnapshotMemory.GRANULE + " bytes");
  }
}
