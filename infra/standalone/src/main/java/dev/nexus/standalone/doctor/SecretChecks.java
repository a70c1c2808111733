package dev.nexus.standalone.doctor;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.standalone.run.NexusCommand;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/// Whether other users of this machine may read the secrets in its data directory. Those in a
/// directory that services share may be meant for a group, so nothing is said of them.
final class SecretChecks {
  private SecretChecks() {}

  static List<Finding> run(Settings settings) {
    Path data = settings.path(Setting.DATA_DIR);
    Path secrets = data.resolve("secrets");
    if (settings.isSet(Setting.SHARED_DIR)
        || !data.getFileSystem().supportedFileAttributeViews().contains("posix")
        || !Files.isDirectory(secrets)) {
      return List.of();
    }
    List<String> open = new ArrayList<>();
    try {
      if (isClosed(data) || isClosed(secrets)) {
        return List.of();
      }
      try (DirectoryStream<Path> files = Files.newDirectoryStream(secrets)) {
        for (Path file : files) {
          if (Files.isRegularFile(file) && isReadable(file)) {
            open.add(NexusCommand.quoted(secrets.relativize(file)));
          }
        }
      }
    } catch (IOException e) {
      return List.of(); // whoever may not look is one of those others
    }
    Collections.sort(open);
    return open.isEmpty()
        ? List.of()
        : List.of(
            Finding.doubtful(
                "secrets",
                "other users of this machine may read in "
                    + secrets
                    + ": "
                    + String.join(", ", open),
                "chmod -R go= " + NexusCommand.quoted(secrets)));
  }

  private static boolean isReadable(Path file) throws IOException {
    Set<PosixFilePermission> allowed = Files.getPosixFilePermissions(file);
    return allowed.contains(PosixFilePermission.GROUP_READ)
        || allowed.contains(PosixFilePermission.OTHERS_READ);
  }

  /// Whether nobody else gets past a directory, whatever the files in it allow.
  private static boolean isClosed(Path directory) throws IOException {
    Set<PosixFilePermission> allowed = Files.getPosixFilePermissions(directory);
    return !allowed.contains(PosixFilePermission.GROUP_EXECUTE)
        && !allowed.contains(PosixFilePermission.OTHERS_EXECUTE);
  }
}
