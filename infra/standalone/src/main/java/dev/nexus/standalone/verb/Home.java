package dev.nexus.standalone.verb;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.standalone.run.Neighbour;
import dev.nexus.standalone.run.NexusCommand;
import dev.nexus.standalone.run.RunFile;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/// Which data directory a command is about, and the platform that runs on it.
final class Home {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Data directory (default: NEXUS_DATA_DIR, else ./data).")
  private String data = "";

  /// The settings of the environment, with the data directory asked for.
  Settings settings(Terminal terminal) {
    Settings settings = Settings.of(terminal.environment());
    return data.isEmpty() ? settings : settings.with(Setting.DATA_DIR, data);
  }

  Path directory(Terminal terminal) {
    return settings(terminal).path(Setting.DATA_DIR);
  }

  /// A command on this directory, to be copied into any terminal that stands in the tree of Nexus.
  String command(Terminal terminal, String verb) {
    return NexusCommand.on(directory(terminal), verb);
  }

  /// That no platform runs on the directory, and where one does.
  ///
  /// @param advice what to do about it, as the middle of the sentence; may be empty
  String absence(Terminal terminal, String advice) {
    Path directory = directory(terminal);
    return "no platform runs on " + directory + advice + Neighbour.instead(directory);
  }

  /// The platform that runs on the directory now.
  Optional<RunFile> running(Terminal terminal) {
    return RunFile.read(directory(terminal)).filter(run -> run.process().isPresent());
  }
}
