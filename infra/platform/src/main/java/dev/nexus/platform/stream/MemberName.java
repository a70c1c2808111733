package dev.nexus.platform.stream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/// The name under which a process is a member of its group. A data directory keeps it, so that a
/// process that begins again gets its partitions back without waiting for its former self to be
/// given up.
public final class MemberName {
  private MemberName() {}

  /// The name kept in `directory`, made up when there is none yet; throws `UncheckedIOException`
  /// when it can be neither read nor written.
  ///
  /// @param group what the name begins with, so that people know it
  public static String of(Path directory, String group) {
    Path file = directory.resolve("member");
    try {
      Files.createDirectories(directory);
      if (Files.notExists(file)) {
        Files.writeString(file, group + "-" + UUID.randomUUID());
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("no name of a member can be kept in " + file, e);
    }
  }
}
