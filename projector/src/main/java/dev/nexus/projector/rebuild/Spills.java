package dev.nexus.projector.rebuild;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The files in which items are put aside.
final class Spills {
  private Spills() {}

  /// Deletes what a killed process left in its directory.
  static void clean(Path directory) {
    if (Files.notExists(directory)) {
      return;
    }
    try (Stream<Path> left = Files.list(directory)) {
      for (Path file : left.filter(f -> f.toString().endsWith(".spill")).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
