package dev.nexus.standalone.run;

import dev.nexus.platform.config.Setting;
import java.nio.file.Path;

/// Commands for a person to copy into any terminal that stands in the tree of Nexus.
public final class NexusCommand {
  private NexusCommand() {}

  /// A command on a data directory, which it names unless it is the usual one.
  public static String on(Path directory, String verb) {
    boolean usual = Path.of(Setting.DATA_DIR.defaultValue()).toAbsolutePath().equals(directory);
    return "./nexus " + verb + (usual ? "" : " --data " + quoted(directory.toString()));
  }

  private static String quoted(String path) {
    return path.matches("[\\w./:@%+-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
  }
}
