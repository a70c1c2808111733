package dev.nexus.e2e;

import dev.nexus.testkit.FaultReport;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/// A disk of a size, in memory, that can be filled and emptied. Mounting one needs the right to;
/// without it the test is left out, which in CI is a failure.
final class SizedDisk implements AutoCloseable {
  private static final int MEBIBYTE = 1 << 20;

  private final Path directory;

  private SizedDisk(Path directory) {
    this.directory = directory;
  }

  /// @param directory empty, becomes the disk
  /// @param report is told when the test is left out
  static SizedDisk mount(Path directory, int mebibytes, FaultReport report)
      throws IOException, InterruptedException {
    String options = "size=" + mebibytes + "m";
    if (run("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory.toString()) != 0) {
      report.leaveOut("no tmpfs can be mounted here, run as root on Linux: a full disk");
    }
    return new SizedDisk(directory);
  }

  private static int run(String... command) throws IOException, InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        return -1;
      }
      return process.exitValue();
    } catch (IOException e) {
      return -1;
    }
  }

  Path directory() {
    return directory;
  }

  /// Fills it until about so many bytes are free; 0 leaves none.
  void fillTo(long free) throws IOException {
    byte[] block = new byte[MEBIBYTE];
    try (OutputStream ballast =
        Files.newOutputStream(ballast(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      long room = room();
      while (room > free) {
        ballast.write(block, 0, (int) Math.min(block.length, room - free));
        room = room();
      }
    } catch (IOException e) {
      if (free > 0) {
        throw e;
      }
    }
  }

  private long room() throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  void empty() throws IOException {
    Files.deleteIfExists(ballast());
  }

  private Path ballast() {
    return directory.resolve("ballast");
  }

  @Override
  public void close() throws IOException, InterruptedException {
    if (run("umount", "-l", directory.toString()) != 0) {
      throw new IOException(directory + " cannot be unmounted");
    }
  }
}
