package dev.nexus.e2e;

import dev.nexus.command.CommandServiceApplication;
import dev.nexus.embedded.LoopbackPorts;
import dev.nexus.executor.ExecutorApplication;
import dev.nexus.mcp.McpApplication;
import dev.nexus.oracle.OracleApplication;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.host.OperatorKey;
import dev.nexus.platform.host.ServiceProcess;
import dev.nexus.platform.snapshot.SnapshotModule;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.Projections;
import dev.nexus.projector.ProjectorApplication;
import dev.nexus.projector.rebuild.Verification;
import dev.nexus.projector.rebuild.Verifier;
import dev.nexus.standalone.doctor.Finding;
import dev.nexus.standalone.doctor.Findings;
import dev.nexus.standalone.run.Addresses;
import dev.nexus.testkit.ShortJvm;
import io.lettuce.core.RedisClient;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Each service as a process of its own, with nothing of the others on its class path, at an
/// address that it keeps. They share a data directory, as on one machine.
final class ServicesApart implements Installation {
  /// What may wait before calls are refused.
  static final int MOST_WAITING = 1_000;

  private final Settings settings;
  private final Path data;
  private final Function<Service, Map<String, String>> own;

  /// What each took when it started first.
  private final Map<Service, Integer> ports = new ConcurrentHashMap<>();
  private volatile int grpc;
  private final Map<Service, Process> processes = new ConcurrentHashMap<>();

  /// Of those that run as another version than this one, the class path of that.
  private final Map<Service, String> earlier = new ConcurrentHashMap<>();

  /// What can be started, and killed, on its own.
  enum Service {
    COMMAND_SERVICE("command-service", CommandServiceApplication.class),
    PROJECTOR("projector", ProjectorApplication.class),
    EXECUTOR("sandbox-executor", ExecutorApplication.class),
    GATEWAY("mcp-gateway", McpApplication.class),
    ORACLE("oracle-stream", OracleApplication.class);

    private final String module;
    private final Class<?> main;

    Service(String module, Class<?> main) {
      this.module = module;
      this.main = main;
    }

    /// Name of its module: `projector`.
    String module() {
      return module;
    }

    /// The class path of this process without the other services and what puts them together.
    String classPath() {
      return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
          .filter(entry -> isOf(entry, module) || isShared(entry))
          .collect(Collectors.joining(File.pathSeparator));
    }

    private static boolean isShared(String entry) {
      return Arrays.stream(values()).noneMatch(other -> isOf(entry, other.module))
          && !isOf(entry, "standalone")
          && !isOf(entry, "e2e")
          && !isOf(entry, "rig")
          && !isOf(entry, "testkit");
    }

    private static boolean isOf(String entry, String module) {
      return entry.contains("/" + module + "/target/") || entry.contains("/nexus-" + module + "-");
    }
  }

  private ServicesApart(Settings settings, Path data, Function<Service, Map<String, String>> own) {
    this.settings = settings;
    this.data = data;
    this.own = own;
  }

  /// Starts all of them side by side, last the one that is told where others answer; they go by the
  /// machine's clock, and believe what a proxy says of its caller.
  static ServicesApart start(Settings settings, Path data, Clock clock) throws Exception {
    return start(settings, data, service -> Map.of(Setting.BEHIND_PROXY.variable(), "true"));
  }

  /// The same.
  ///
  /// @param own variables that each has for itself
  static ServicesApart start(
      Settings settings, Path data, Function<Service, Map<String, String>> own) throws Exception {
    return start(new ServicesApart(settings, data, own));
  }

  /// All of them as another version, until each is upgraded.
  static ServicesApart startEarlier(EarlierVersion version, Settings settings, Path data)
      throws Exception {
    ServicesApart apart = new ServicesApart(settings, data, service -> Map.of());
    for (Service service : Service.values()) {
      apart.earlier.put(service, version.classPath(service));
    }
    return start(apart);
  }

  private static ServicesApart start(ServicesApart apart) throws Exception {
    try (var starters = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> starts = new ArrayList<>();
      for (Service service : EnumSet.complementOf(EnumSet.of(Service.COMMAND_SERVICE))) {
        starts.add(
            starters.submit(
                () -> {
                  apart.start(service);
                  return service;
                }));
      }
      for (Future<?> start : starts) {
        start.get();
      }
    }
    apart.start(Service.COMMAND_SERVICE);
    return apart;
  }

  private ProcessBuilder builder(Service service) {
    String classPath = earlier.getOrDefault(service, service.classPath());
    ProcessBuilder builder =
        new ProcessBuilder(ShortJvm.command("384m", classPath, service.main))
            .redirectError(ProcessBuilder.Redirect.appendTo(errors(service).toFile()));
    builder.environment().putAll(environment());
    builder.environment().putAll(own.apply(service));
    builder.environment().put("NEXUS_DATA_DIR", data.toString());
    builder.environment().put("NEXUS_HTTP_PORT", Integer.toString(port(service)));
    builder.environment().put("NEXUS_GRPC_PORT", "0");
    return builder;
  }

  /// One more of a service that runs, with a data directory of its own; returns when it answers.
  /// Who starts it ends it.
  Process another(Service service, Path home) throws IOException {
    ProcessBuilder builder = builder(service);
    builder.environment().put("NEXUS_DATA_DIR", home.toString());
    builder.environment().put("NEXUS_SHARED_DIR", data.toString());
    builder.environment().put("NEXUS_HTTP_PORT", "0");
    Process process = builder.start();
    BufferedReader lines = process.inputReader();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.contains(ServiceProcess.READY)) {
        return process;
      }
    }
    throw new IOException("another " + service.module + " ended; see " + home);
  }

  /// Returns when it answers.
  void start(Service service) throws IOException {
    ProcessBuilder builder = builder(service);
    if (service == Service.COMMAND_SERVICE) {
      // It says its HTTP address only.
      grpc = grpc == 0 ? LoopbackPorts.anyFree() : grpc;
      builder.environment().put("NEXUS_GRPC_PORT", Integer.toString(grpc));
      builder.environment().put("NEXUS_BACKLOG_LIMIT", Integer.toString(MOST_WAITING));
      builder.environment().put("NEXUS_PROJECTOR_URL", url(Service.PROJECTOR));
      builder.environment().put("NEXUS_GATEWAY_URL", url(Service.GATEWAY));
      builder.environment().put("NEXUS_EXECUTOR_URL", url(Service.EXECUTOR));
    }
    Process process = builder.start();
    processes.put(service, process);
    BufferedReader lines = process.inputReader();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.contains(ServiceProcess.READY)) {
        ports.put(service, URI.create(line.substring(line.lastIndexOf(' ') + 1)).getPort());
        return;
      }
    }
    processes.remove(service);
    throw new IOException(service.module + " ended; see " + data);
  }

  /// Starts those that do not run; returns when each answers.
  void startMissing() throws IOException {
    for (Service service : Service.values()) {
      if (!processes.containsKey(service)) {
        start(service);
      }
    }
  }

  /// Variables with the settings that all of them share.
  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    for (Setting setting : Setting.values()) {
      if (settings.isSet(setting)) {
        environment.put(setting.variable(), settings.text(setting));
      }
    }
    return environment;
  }

  /// What `doctor` finds for somebody with the settings that all of them share who names the
  /// address of this one, and who takes for too many what a load leaves behind soon.
  List<Finding> diagnosis(Service service) throws InterruptedException {
    Map<String, String> shell = environment();
    shell.put(Setting.BACKLOG_LIMIT.variable(), "20");
    return Findings.of(Settings.of(shell), Optional.empty(), url(service));
  }

  /// kill -9.
  void kill(Service service) throws InterruptedException {
    Process process = takeOut(service);
    process.destroyForcibly();
    process.waitFor();
  }

  /// Has it end as it should, and this version of it take its place; returns when it answers.
  void upgrade(Service service) throws IOException, InterruptedException {
    if (earlier.remove(service) == null) {
      throw new IllegalStateException(service + " is of this version");
    }
    Process process = takeOut(service);
    process.destroy();
    if (!process.waitFor(FaultRig.RECOVERED_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException(service + " did not end");
    }
    start(service);
  }

  /// Its process, of which nobody knows any more.
  private Process takeOut(Service service) {
    Process process = processes.remove(service);
    if (process == null) {
      throw new IllegalStateException(service + " does not run");
    }
    return process;
  }

  /// What it logged, also while no broker was there.
  Path log(Service service) {
    return data.resolve(service.module + ".log");
  }

  /// What it said on its standard error.
  Path errors(Service service) {
    return data.resolve(service.module + ".err");
  }

  String url(Service service) {
    return "http://127.0.0.1:" + port(service);
  }

  private int port(Service service) {
    return ports.getOrDefault(service, 0);
  }

  @Override
  public Addresses addresses() {
    return new Addresses(
        url(Service.COMMAND_SERVICE),
        "127.0.0.1:" + grpc,
        settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS),
        "",
        false,
        0);
  }

  @Override
  public String reads() {
    return url(Service.PROJECTOR);
  }

  @Override
  public String key() {
    return OperatorKey.read(data).orElseThrow();
  }

  @Override
  public Settings settings() {
    return settings;
  }

  @Override
  public Verification verify(Duration foldedWithin) {
    var clients = new KafkaClients(settings);
    try (var producer = new EventProducer(clients, "verify");
        var redis = RedisClient.create(settings.text(Setting.REDIS_URL));
        var snapshots =
            SnapshotModule.follow(
                clients,
                producer,
                new DeadLetters(producer, "verify", Clock.systemUTC()),
                settings,
                "verify",
                Clock.systemUTC())) {
      return new Verifier(
              clients, redis, Projections.all(settings), snapshots, data.resolve("verify-all"))
          .verify(foldedWithin);
    }
  }

  @Override
  public void close() throws InterruptedException {
    for (Service service : List.copyOf(processes.keySet())) {
      kill(service);
    }
  }
}
