package dev.nexus.standalone.verb;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.standalone.run.NexusCommand;
import dev.nexus.standalone.run.RunFile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Starts the platform in a process of its own that outlives this one and its terminal.
final class DetachedStart {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final long STEP_MILLIS = 50;

  /// Warnings of the virtual machine and of the JDK, lines of `-Xlog`, and options from outside.
  private static final Pattern OF_THE_JVM =
      Pattern.compile("\\S.* VM warning: |WARNING: |\\[[^\\]]*\\]\\[|(NOTE: )?Picked up \\w+: ");

  private final Terminal terminal;
  private final Settings settings;
  private final boolean fsync;

  DetachedStart(Terminal terminal, Settings settings, boolean fsync) {
    this.terminal = terminal;
    this.settings = settings;
    this.fsync = fsync;
  }

  /// Returns when the platform is ready; throws `CommandFailedException` with its own last word
  /// when it ends instead.
  RunFile start() throws InterruptedException {
    Path data = settings.path(Setting.DATA_DIR);
    Path output = data.resolve("up.log");
    try {
      Files.createDirectories(data);
      ProcessBuilder builder =
          new ProcessBuilder(commandLine(data))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      builder.environment().putAll(terminal.environment());
      return awaitReady(builder.start(), data, output);
    } catch (IOException e) {
      throw new CommandFailedException("cannot start in the background: " + e.getMessage(), e);
    }
  }

  private RunFile awaitReady(Process process, Path data, Path output)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<RunFile> run = RunFile.read(data).filter(r -> r.pid() == process.pid());
      if (run.isPresent()) {
        forAPerson(Files.readAllLines(output)).forEach(terminal::tell);
        return run.get();
      }
      if (process.waitFor(STEP_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new CommandFailedException(lastWord(output));
      }
    }
    process.destroy();
    throw new CommandFailedException(
        "not ready after " + PATIENCE.toSeconds() + " s: see " + data.resolve("nexus.log"));
  }

  /// The same java, options and class path as this process, so that its AOT cache fits.
  private List<String> commandLine(Path data) {
    List<String> command = new ArrayList<>();
    // A session of its own: closing the terminal or Ctrl-C in it does not reach the platform.
    onPath("setsid").or(() -> onPath("nohup")).ifPresent(command::add);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(NexusCommand.PROGRAM);
    command.addAll(List.of("up", "--data", data.toString(), Up.BACKGROUND));
    if (fsync) {
      command.add("--fsync");
    }
    return command;
  }

  private Optional<String> onPath(String program) {
    String path = terminal.environment().getOrDefault("PATH", "");
    return Stream.of(path.split(java.io.File.pathSeparator, -1))
        .map(place -> Path.of(place.isEmpty() ? "." : place, program))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  /// What it said for a person before it was ready, such as that a setting is misspelt. Lines of
  /// progress and addresses begin with spaces. What its JVM says stays in the file.
  static List<String> forAPerson(List<String> output) {
    return output.stream()
        .takeWhile(line -> !line.startsWith(Up.READY))
        .filter(line -> !line.isBlank() && !line.startsWith(" ") && !isOfTheJvm(line))
        .toList();
  }

  private static boolean isOfTheJvm(String line) {
    return OF_THE_JVM.matcher(line).lookingAt();
  }

  private static String lastWord(Path output) throws IOException {
    List<String> lines = Files.readAllLines(output).stream().filter(l -> !l.isBlank()).toList();
    String last = lines.isEmpty() ? "it ended without a word: see " + output : lines.getLast();
    return last.startsWith("nexus: ") ? last.substring("nexus: ".length()) : last;
  }
}
