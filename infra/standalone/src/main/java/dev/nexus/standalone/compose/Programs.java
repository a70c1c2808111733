package dev.nexus.standalone.compose;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Runs programs in a directory. They see of this shell's variables only what every program needs
/// and what leads to the engine, not what it has for an installation of its own.
final class Programs {
  private static final Set<String> OF_EVERY_PROGRAM = Set.of("PATH", "HOME", "TMPDIR");

  /// Images are there already, so this is for an engine that hangs.
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final Path directory;
  private final Map<String, String> variables;
  private final Set<Process> running = ConcurrentHashMap.newKeySet();
  private boolean begun;
  private boolean ended;

  /// @param variables what they see besides
  Programs(Path directory, Map<String, String> variables) {
    this.directory = directory;
    this.variables = Map.copyOf(variables);
  }

  /// As `run("", command)`.
  String run(String... command) throws InterruptedException {
    return run("", List.of(command));
  }

  /// What a program prints that reads `input`; one that fails is a `ComposeFailedException`, whose
  /// cause is an `IOException` where there is no such program.
  String run(String input, List<String> command) throws InterruptedException {
    try {
      Path printed = Files.createTempFile(directory, "printed", ".txt");
      Path said = Files.createTempFile(directory, "said", ".txt");
      try {
        Process process = start(command, printed, said);
        boolean inTime = endsInTime(process, input);
        String out = Files.readString(printed);
        if (!inTime || process.exitValue() != 0) {
          String how = inTime ? " failed: " : " did not end in " + PATIENCE.toMinutes() + " min: ";
          throw new ComposeFailedException(
              String.join(" ", command) + how + out + Files.readString(said));
        }
        return out;
      } finally {
        Files.deleteIfExists(printed);
        Files.deleteIfExists(said);
      }
    } catch (IOException e) {
      throw new ComposeFailedException(
          String.join(" ", command) + " could not be run: " + e.getMessage(), e);
    }
  }

  private synchronized Process start(List<String> command, Path printed, Path said)
      throws IOException {
    if (ended) {
      throw new ComposeFailedException("nothing is begun any more: " + String.join(" ", command));
    }
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(printed.toFile())
            .redirectError(said.toFile());
    builder
        .environment()
        .keySet()
        .removeIf(name -> !name.startsWith("DOCKER_") && !OF_EVERY_PROGRAM.contains(name));
    builder.environment().putAll(variables);
    Process process = builder.start();
    running.add(process);
    begun = true;
    return process;
  }

  private boolean endsInTime(Process process, String input) throws InterruptedException {
    try {
      try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
        in.write(input);
      } catch (IOException _) {
        // It did not read all of it; how it ends, and what it says, tells whether that is wrong.
      }
      return process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } finally {
      stop(process);
      running.remove(process);
    }
  }

  /// Ends what runs, and has nothing begin any more; gives whether anything has begun since it was
  /// last asked. Whether it runs still is not told: somebody else, as at Ctrl-C, may have ended it
  /// just before.
  synchronized boolean end() {
    boolean first = begun && !ended;
    ended = true;
    running.forEach(Programs::stop);
    return first;
  }

  synchronized boolean isEnded() {
    return ended;
  }

  /// Compose is a program that `docker` starts, and would go on without it. The program itself goes
  /// first: one that waits for what it started could end as if all were well when that is killed.
  private static void stop(Process process) {
    List<ProcessHandle> started = process.descendants().toList();
    process.destroyForcibly();
    started.forEach(ProcessHandle::destroyForcibly);
  }
}
