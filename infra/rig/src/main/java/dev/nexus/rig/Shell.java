package dev.nexus.rig;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A shell into which somebody pastes the examples of a page.
///
/// @param directory where they stand
/// @param environment what they have set, beside what this process has
public record Shell(Path directory, Map<String, String> environment) {
  /// For what never ends, on a machine that may be slow.
  private static final long LIMIT_MINUTES = 5;

  public Shell {
    environment = Map.copyOf(environment);
  }

  /// What commands print, which must succeed. They write `kcat`, which may be installed by its
  /// former name.
  public String paste(String commands) throws IOException, InterruptedException {
    return run(bash(commands));
  }

  /// Begins commands that do not end by themselves.
  public Lasting begin(String commands) throws IOException {
    Path output = Files.createTempFile(directory, "printed", ".txt");
    var builder = builder(bash(commands)).redirectErrorStream(true);
    return new Lasting(builder.redirectOutput(output.toFile()).start(), output);
  }

  private static List<String> bash(String commands) {
    return List.of(
        "bash", "-euc", isInstalled("kcat") ? commands : commands.replace("kcat", "kafkacat"));
  }

  private static boolean isInstalled(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
  }

  /// What a program prints, which must succeed. What it prints as errors is told when it does not.
  public String run(List<String> command) throws IOException, InterruptedException {
    Path output = Files.createTempFile(directory, "printed", ".txt");
    Path errors = Files.createTempFile(directory, "errors", ".txt");
    var builder = builder(command).redirectOutput(output.toFile());
    Process process = builder.redirectError(errors.toFile()).start();
    boolean ended;
    try {
      process.getOutputStream().close();
      ended = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
    } finally {
      // Who waits may be interrupted.
      kill(process);
    }
    String printed = new String(Files.readAllBytes(output), UTF_8);
    String said = command + ": " + printed + Files.readString(errors);
    assertThat(ended).as("ended within %s minutes: %s", LIMIT_MINUTES, said).isTrue();
    assertThat(process.exitValue()).as("%s", said).isZero();
    return printed;
  }

  /// The program before what it began: a script that waits for that could go on otherwise.
  private static void kill(Process process) {
    List<ProcessHandle> begun = process.descendants().toList();
    process.destroyForcibly();
    begun.forEach(ProcessHandle::destroyForcibly);
  }

  private ProcessBuilder builder(List<String> command) {
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().putAll(environment);
    return builder;
  }

  /// Commands that do not end by themselves.
  public record Lasting(Process process, Path output) implements AutoCloseable {
    /// What they have printed so far, errors too.
    public String printed() throws IOException {
      return Files.readString(output);
    }

    /// Ends them and what they began with SIGTERM, and with SIGKILL if they go on all the same.
    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
      process.onExit().completeOnTimeout(process, LIMIT_MINUTES, TimeUnit.MINUTES).join();
      if (process.isAlive()) {
        kill(process);
      }
    }
  }
}
