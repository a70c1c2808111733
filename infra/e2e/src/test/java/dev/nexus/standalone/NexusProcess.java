package dev.nexus.standalone;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The program in a process of its own, as a person starts it in a terminal and ends it with
/// Ctrl-C.
public final class NexusProcess implements AutoCloseable {
  /// What a process that SIGINT ended leaves as its exit code: 128 and the number of the signal.
  public static final int INTERRUPTED = 130;

  private static final long SIGINT_BIT = 1L << 1;

  private final Process process;
  private final Path out;
  private final Path err;

  private NexusProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /// @param directory where it makes its temporary files, and what it prints is kept
  /// @param environment variables beside those of this process
  public static NexusProcess start(
      Path directory, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    Path out = directory.resolve("stdout.txt");
    Path err = directory.resolve("stderr.txt");
    List<String> command = new ArrayList<>(hearingInterrupts());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-Djava.io.tmpdir=" + directory);
    // What logback has to say of its configuration must not be on stdout.
    command.add("-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Nexus.class.getName());
    command.addAll(List.of(arguments));
    var builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment);
    return new NexusProcess(builder.start(), out, err);
  }

  /// Background jobs of some shells are born deaf to Ctrl-C; GNU env gives their children ears.
  private static List<String> hearingInterrupts() throws IOException, InterruptedException {
    List<String> env = List.of("env", "--default-signal=INT");
    var tried = new ProcessBuilder("env", "--default-signal=INT", "true");
    int answer =
        tried
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    return answer == 0 ? env : List.of();
  }

  public String out() throws IOException {
    return Files.readString(out);
  }

  public String err() throws IOException {
    return Files.readString(err);
  }

  /// Whether it was born deaf to Ctrl-C all the same. No program can change that for itself.
  public boolean ignoresInterrupts() throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .mapToLong(line -> Long.parseUnsignedLong(line.replaceAll(".*\\s", ""), 16))
            .anyMatch(ignored -> (ignored & SIGINT_BIT) != 0);
  }

  /// Leaves the rest of a test out where no process hears Ctrl-C; fails it with `CI=true`, where
  /// nothing may be left out.
  public static void needsInterrupts(boolean heard) {
    if (!heard && "true".equals(System.getenv("CI"))) {
      throw new AssertionError(
          "CI must hear Ctrl-C, and this shell took it from its jobs: run the tests in the foreground,"
              + " or with env --default-signal=INT ./nexus test (GNU coreutils 8.31 or newer, with"
              + " which the tests help themselves)");
    }
    assumeThat(heard).as("a shell that leaves Ctrl-C to its jobs").isTrue();
  }

  /// Does to it what Ctrl-C does.
  public void interrupt() throws IOException, InterruptedException {
    int sent = new ProcessBuilder("sh", "-c", "kill -INT " + process.pid()).start().waitFor();
    if (sent != 0) {
      throw new IOException("SIGINT could not be sent to process " + process.pid());
    }
  }

  /// Its exit code; throws with what it said when it does not end in time.
  public int awaitExit(Duration patience) throws IOException, InterruptedException {
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IOException("still runs after " + patience + ": " + out() + err());
    }
    return process.exitValue();
  }

  /// Ends what still runs, its Redis too.
  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      process.waitFor();
    }
  }
}
