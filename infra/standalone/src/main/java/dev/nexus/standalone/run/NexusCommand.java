package dev.nexus.standalone.run;

import dev.nexus.platform.config.Setting;
import java.nio.file.Path;

/// Commands for a person to copy into any terminal that stands in the tree of Nexus.
public final class NexusCommand {
  /// The class of the program, as it stands in the command line of its processes.
  public static final String PROGRAM = "dev.nexus.standalone.Nexus";

  private NexusCommand() {}

  /// A command on a data directory, which it names unless it is the usual one.
  public static String on(Path directory, String verb) {
    return "./nexus " + verb + (isUsual(directory) ? "" : " " + naming(directory));
  }

  /// Whether commands are about this data directory that name none.
  public static boolean isUsual(Path directory) {
    return Path.of(Setting.DATA_DIR.defaultValue()).toAbsolutePath().equals(directory);
  }

  /// The option that names a data directory.
  static String naming(Path directory) {
    return "--data " + quoted(directory);
  }

  /// What makes every command of a shell one on this data directory.
  public static String export(Path directory) {
    return "export " + Setting.DATA_DIR.variable() + "=" + quoted(directory);
  }

  /// A path for a person, without characters that would move the cursor of a terminal or more.
  static String shown(Path directory) {
    return directory.toString().replaceAll("\\p{Cc}", "");
  }

  /// A path as a shell takes it.
  public static String quoted(Path file) {
    String path = shown(file);
    return path.matches("[\\w./:@%+-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
  }
}
