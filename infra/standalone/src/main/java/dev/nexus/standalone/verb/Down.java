package dev.nexus.standalone.verb;

import dev.nexus.embedded.DataDirectory;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.standalone.run.RunFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "down",
    description = "Stops the platform that runs on the data directory, and what a killed one left.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus down                      the one on ./data",
      "  ./nexus down --data /srv/nexus    another one",
    })
final class Down implements Callable<Integer> {
  private static final long PATIENCE_SECONDS = 60;

  private final Terminal terminal;

  @Mixin private final Home home = new Home();

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  Down(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    Path data = home.directory(terminal);
    Optional<ProcessHandle> process = RunFile.read(data).flatMap(RunFile::process);
    if (process.isPresent()) {
      end(process.get());
      answer("stopped", "stopped process " + process.get().pid());
      return 0;
    }
    boolean redis = Files.isDirectory(data) && endLeftovers(data);
    answer(
        redis ? "cleaned" : "absent",
        redis
            ? "no platform ran on " + data + "; ended the Redis a killed one had left"
            : home.absence(terminal, ""));
    return 0;
  }

  private static void end(ProcessHandle process) throws InterruptedException {
    process.destroy();
    try {
      process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new CommandFailedException(
          "process "
              + process.pid()
              + " did not end within "
              + PATIENCE_SECONDS
              + " s: look at nexus.log, or end it with kill -9 (nothing acknowledged is lost)",
          e);
    } catch (ExecutionException e) {
      throw new CommandFailedException("process " + process.pid() + ": " + e.getCause(), e);
    }
  }

  /// The lock shows that nobody is starting on the directory meanwhile.
  private static boolean endLeftovers(Path data) {
    try (DataDirectory locked = DataDirectory.lock(data)) {
      RunFile.delete(locked.path());
      return EmbeddedRedis.endSurvivor(locked.resolve("redis"));
    }
  }

  private void answer(String result, String line) {
    if (json) {
      terminal.print(Terminal.object().put("result", result));
    } else {
      terminal.print(line);
    }
  }
}
