package dev.nexus.standalone.verb;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.host.OperatorKey;
import dev.nexus.platform.host.ServiceProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The services as processes of their own beside a broker and a Redis of theirs, each with a JVM
/// that keeps what it met when it ends.
final class ServicesInTraining implements AutoCloseable {
  private static final String WRITE_SIDE = "command-service";

  /// Before the one that is told where two of them answer.
  private static final List<String> BESIDE =
      List.of("projector", "mcp-gateway", "sandbox-executor", "oracle-stream");

  private static final long ENDED_WITHIN_MINUTES = 5;

  /// About what a container leaves to its JVM. Beyond 32 GB references have another form, and a JVM
  /// with less takes no cache that was made with them; a machine that builds may have that much.
  private static final String HEAP = "-Xmx512m";

  private final Path data;
  private final Path directory;
  private final Map<String, Process> processes = new HashMap<>();
  private final Map<String, String> urls = new HashMap<>();
  private final Deque<AutoCloseable> servers = new ArrayDeque<>();

  private ServicesInTraining(Path data, Path directory) {
    this.data = data;
    this.directory = directory;
  }

  /// Starts them all.
  ///
  /// @param data where they keep theirs
  /// @param directory with what starts each, and where each leaves what it has learned
  static ServicesInTraining start(Path data, Path directory) throws IOException {
    ServicesInTraining training = new ServicesInTraining(data, directory);
    try {
      EmbeddedBroker broker = EmbeddedBroker.startOwnerless(data.resolve("kafka"), 0);
      training.servers.push(broker);
      EmbeddedRedis redis = EmbeddedRedis.start(data.resolve("redis"));
      training.servers.push(redis);
      Map<String, String> shared = new HashMap<>();
      shared.put(Setting.KAFKA_BOOTSTRAP_SERVERS.variable(), broker.bootstrapServers());
      shared.put(Setting.REDIS_URL.variable(), redis.url());
      for (String service : BESIDE) {
        training.start(service, shared);
      }
      shared.put(Setting.PROJECTOR_URL.variable(), training.url("projector"));
      shared.put(Setting.GATEWAY_URL.variable(), training.url("mcp-gateway"));
      training.start(WRITE_SIDE, shared);
      return training;
    } catch (IOException | RuntimeException e) {
      training.close();
      throw e;
    }
  }

  /// Returns when it answers.
  private void start(String service, Map<String, String> environment) throws IOException {
    Path own = Files.createDirectories(data.resolve(service));
    Path errors = own.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:AOTCacheOutput=" + directory.resolve(service).resolve("nexus.aot"),
                HEAP,
                "@" + directory.resolve(service).resolve("java.args"))
            .redirectError(errors.toFile());
    Map<String, String> its = builder.environment();
    its.putAll(environment);
    its.put(Setting.DATA_DIR.variable(), own.toString());
    its.put(Setting.SHARED_DIR.variable(), data.resolve("shared").toString());
    its.put(Setting.REPLICATION.variable(), "1");
    its.put(Setting.HTTP_HOST.variable(), "127.0.0.1");
    its.put(Setting.HTTP_PORT.variable(), "0");
    its.put(Setting.GRPC_PORT.variable(), "0");
    Process process = builder.start();
    processes.put(service, process);
    BufferedReader lines = process.inputReader();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.contains(ServiceProcess.READY)) {
        urls.put(service, line.substring(line.lastIndexOf(' ') + 1));
        Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
        return;
      }
    }
    throw new CommandFailedException(
        service + " did not start:" + System.lineSeparator() + Files.readString(errors));
  }

  /// Address of them all.
  String url() {
    return url(WRITE_SIDE);
  }

  private String url(String service) {
    return urls.getOrDefault(service, "");
  }

  /// Of the operator.
  String key() {
    return OperatorKey.read(data.resolve(WRITE_SIDE)).orElseThrow();
  }

  /// Variables of a shell for commands about them.
  Map<String, String> shell() {
    return Map.of("NEXUS_URL", url(), "NEXUS_KEY", key());
  }

  /// Ends them all, and returns when each has left what it learned.
  void end() throws InterruptedException {
    List<String> unlearned = new ArrayList<>();
    processes.values().forEach(Process::destroy);
    for (var process : processes.entrySet()) {
      boolean ended = process.getValue().waitFor(ENDED_WITHIN_MINUTES, TimeUnit.MINUTES);
      if (!ended || !Files.exists(directory.resolve(process.getKey()).resolve("nexus.aot"))) {
        unlearned.add(process.getKey());
      }
    }
    if (!unlearned.isEmpty()) {
      throw new CommandFailedException("no cache was made of " + String.join(", ", unlearned));
    }
  }

  @Override
  public void close() {
    processes.values().forEach(Process::destroyForcibly);
    while (!servers.isEmpty()) {
      try {
        servers.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException("a server did not end", e);
      }
    }
  }
}
