package dev.nexus.standalone.compose;

import dev.nexus.platform.config.Settings;
import dev.nexus.standalone.run.ChildPlatform;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/// What `infra/compose` starts, reached as from outside. Its files are copies, so that an
/// installation that this machine has already stays as it is.
public final class ComposedInstallation implements AutoCloseable {
  /// The last two are those of the second and the third broker.
  private static final List<String> PORTS =
      List.of("HTTP_PORT", "GRPC_PORT", "KAFKA_PORT", "KAFKA_PORT_2", "KAFKA_PORT_3");

  private final Path directory;
  private final int brokers;
  private final Map<String, String> variables;
  private final Map<String, String> passwords = new HashMap<>();
  private final ComposeProject project;

  private ComposedInstallation(Path directory, Wanted wanted)
      throws IOException, InterruptedException {
    this.directory = directory;
    this.brokers = wanted.brokers();
    this.variables = new HashMap<>(wanted.variables());
    variables.put("COMPOSE_FILE", String.join(":", wanted.files()));
    for (String port : PORTS) {
      variables.put(port, freePort(variables.values()));
    }
    new Programs(directory, Map.of()).run(directory.resolve("setup").toString());
    for (String line : Files.readAllLines(directory.resolve(".env"))) {
      passwords.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
    }
    project = new ComposeProject("docker", wanted.names(), directory, variables);
  }

  /// What an installation is to be.
  ///
  /// @param names what the name of its project begins with
  /// @param brokers one or three
  /// @param variables as `.env` may have them
  /// @param overlays files that Compose reads behind its own, by name
  public record Wanted(
      String names, int brokers, Map<String, String> variables, Map<String, String> overlays) {
    public Wanted {
      variables = Map.copyOf(variables);
      overlays = Map.copyOf(overlays);
    }

    private List<String> files() {
      List<String> own =
          brokers == 3 ? List.of("compose.yaml", "compose.three.yaml") : List.of("compose.yaml");
      return Stream.concat(own.stream(), overlays.keySet().stream().sorted()).toList();
    }
  }

  /// Puts everything there and starts nothing. Throws a `ComposeFailedException` that says what to
  /// install where Docker or Compose is missing.
  ///
  /// @param files the directory `infra/compose`
  public static ComposedInstallation prepare(Path files, Wanted wanted)
      throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("nexus-compose");
    try {
      try (Stream<Path> there = Files.list(files)) {
        for (Path file : there.filter(ComposedInstallation::isOfEveryone).toList()) {
          Path copy = directory.resolve(String.valueOf(file.getFileName()));
          Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
      for (var overlay : wanted.overlays().entrySet()) {
        Files.writeString(directory.resolve(overlay.getKey()), overlay.getValue());
      }
      return new ComposedInstallation(directory, wanted);
    } catch (IOException | InterruptedException | RuntimeException e) {
      ChildPlatform.deleteTree(directory);
      throw e;
    }
  }

  /// Passwords of an installation that is here already are its own.
  private static boolean isOfEveryone(Path file) {
    return Files.isRegularFile(file) && !file.endsWith(".env");
  }

  /// One that nobody has, below those that are given to whoever asks for any, so that nobody gets
  /// it before its container does.
  private static String freePort(Collection<String> taken) {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        if (!taken.contains(Integer.toString(port))) {
          return Integer.toString(port);
        }
      } catch (IOException _) {
        // Somebody has it: another one.
      }
    }
  }

  /// Where its files are, and `.env`: what `infra/compose` is to an installation of a reader.
  public Path directory() {
    return directory;
  }

  public ComposeProject project() {
    return project;
  }

  /// Base URL of the front door.
  public URI http() {
    return URI.create("http://127.0.0.1:" + variables.get("HTTP_PORT"));
  }

  /// Value for `bootstrap.servers`.
  public String kafka() {
    return String.join(
        ",",
        PORTS.stream()
            .filter(port -> port.startsWith("KAFKA_"))
            .limit(brokers)
            .map(port -> "localhost:" + variables.get(port))
            .toList());
  }

  /// The key of the first operator; fails while there is none yet.
  public String operatorKey() throws InterruptedException {
    return project.shell("command-service", "cat /var/lib/nexus/cli.key", "").strip();
  }

  /// Settings of somebody outside of the containers' network.
  ///
  /// @param user one who is let in there, such as `operator`
  public Settings settings(String user) {
    return Settings.of(
        Map.of(
            "NEXUS_KAFKA_BOOTSTRAP_SERVERS",
            kafka(),
            "NEXUS_KAFKA_SECURITY_PROTOCOL",
            "SASL_PLAINTEXT",
            "NEXUS_KAFKA_SASL_MECHANISM",
            "SCRAM-SHA-512",
            "NEXUS_KAFKA_SASL_JAAS_CONFIG",
            "org.apache.kafka.common.security.scram.ScramLoginModule required"
                + " username=\"nexus-%s\" password=\"%s\";".formatted(user, password(user))));
  }

  /// The password of a user of the brokers; empty where there is none.
  public String password(String user) {
    return passwords.getOrDefault("KAFKA_" + user.toUpperCase(Locale.ROOT) + "_PASSWORD", "");
  }

  /// MiB that the process of each service holds that runs.
  public Map<String, Long> residentMb() throws InterruptedException {
    Map<String, Long> resident = new TreeMap<>();
    for (String service : project.running()) {
      resident.put(service, project.residentMb(service));
    }
    return resident;
  }

  /// Seconds from the start of the container of each service that runs until it said that it works.
  /// Kafka and Redis do not say so.
  public Map<String, Double> startSeconds() throws InterruptedException {
    Map<String, Double> seconds = new TreeMap<>();
    for (String service : project.running()) {
      project.startOf(service).ifPresent(time -> seconds.put(service, time.toMillis() / 1e3));
    }
    return seconds;
  }

  /// Removes everything: containers, networks, volumes and files. May be tried again.
  @Override
  public void close() throws IOException, InterruptedException {
    try {
      project.close();
    } finally {
      if (Files.exists(directory)) {
        ChildPlatform.deleteTree(directory);
      }
    }
  }
}
