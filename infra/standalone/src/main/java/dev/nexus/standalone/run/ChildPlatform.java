package dev.nexus.standalone.run;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A platform in a process of its own, on free ports, as a user's would be, for measurements and
/// for tests that kill it. It runs with the java, options and class path of this process.
public final class ChildPlatform implements AutoCloseable {
  private final Process process;
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Path data;
  private final RunFile run;

  private ChildPlatform(Process process, Path data, RunFile run) {
    this.process = process;
    this.data = data;
    this.run = run;
  }

  /// Starts on `data` and returns once it answers; throws when it ends instead.
  public static ChildPlatform start(Path data) throws IOException, InterruptedException {
    return start(data, Map.of());
  }

  /// As `start(data)`.
  ///
  /// @param settings environment variables beside those of this process
  public static ChildPlatform start(Path data, Map<String, String> settings)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("dev.nexus.standalone.Nexus", "up", "--data", data.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(data.resolve("up.log").toFile()));
    builder
        .environment()
        .putAll(Map.of("NEXUS_HTTP_PORT", "0", "NEXUS_GRPC_PORT", "0", "NEXUS_KAFKA_PORT", "0"));
    builder.environment().putAll(settings);
    Process process = builder.start();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<RunFile> run = RunFile.read(data).filter(r -> r.pid() == process.pid());
      if (run.isPresent()) {
        return new ChildPlatform(process, data, run.get());
      }
      if (process.waitFor(5, TimeUnit.MILLISECONDS)) {
        throw new IOException("the platform ended: " + Files.readString(data.resolve("up.log")));
      }
    }
    process.destroyForcibly();
    throw new IOException("the platform was not ready within " + PATIENCE.toMinutes() + " minutes");
  }

  public RunFile run() {
    return run;
  }

  public String operatorKey() throws IOException {
    return Files.readString(data.resolve("cli.key")).strip();
  }

  /// Resident memory of the JVM in MiB, from /proc; 0 where there is none.
  public long residentMb() throws IOException {
    return residentBytes(process.pid()) >> 20;
  }

  /// Resident memory of any process in bytes, from /proc; 0 where there is none.
  public static long residentBytes(long pid) throws IOException {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    if (Files.notExists(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElse(0);
  }

  /// Ends it as a power cut of the process would: nothing of it runs on.
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /// Stops it cleanly and waits.
  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      process.waitFor();
    }
  }

  public static void deleteTree(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
