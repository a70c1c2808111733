package dev.nexus.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.config.Settings;
import dev.nexus.projector.rebuild.Verification;
import dev.nexus.rig.Shell;
import dev.nexus.scriptedmodel.ScriptedModel;
import dev.nexus.standalone.compose.ComposeFailedException;
import dev.nexus.standalone.compose.ComposeProject;
import dev.nexus.standalone.compose.ComposedInstallation;
import dev.nexus.standalone.run.Addresses;
import dev.nexus.testkit.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// What `infra/compose` starts, with images of this tree: two routers, two executors, one of each
/// other service and a scripted model, reached as from outside.
final class ComposedPlatform implements Installation {
  /// Each may be replaced while the others work; the last has the port that everybody calls.
  static final List<String> SERVICES =
      List.of(
          "sandbox-executor",
          "sandbox-executor-2",
          "command-service-2",
          "projector",
          "mcp-gateway",
          "oracle-stream",
          "command-service");

  /// `docker compose` as this machine has it, and `./nexus` without a build, which runs already.
  private static final String PASTED =
      """
      docker() { shift; command %s "$@"; }
      nexus() { "$JAVA" -cp "$CLASS_PATH" dev.nexus.standalone.Nexus "$@"; }
      """;

  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final Path FILES = Path.of("../compose");
  private static final Path IMAGES = Path.of("../images/offline/offline.sh");
  private static final Duration IMAGES_WITHIN = Duration.ofMinutes(30);

  private static final Map<String, String> VARIABLES =
      Map.of(
          "COMPOSE_PROFILES", "two,scripted-model",
          "IMAGE_TAG", "offline",
          "KAFKA_IMAGE", "nexus-offline/kafka",
          "REDIS_IMAGE", "nexus-offline/redis",
          "NEXUS_LLM_BASE_URL", "http://scripted-model:8099/v1",
          "NEXUS_LLM_MODEL", ScriptedModel.NAME);

  private final int brokers;
  private final ComposedInstallation installation;
  private final ComposeProject project;
  private boolean down;

  /// Puts everything there and starts nothing.
  ///
  /// @param brokers one or three
  ComposedPlatform(int brokers) throws IOException, InterruptedException {
    this.brokers = brokers;
    installation =
        ComposedInstallation.prepare(
            FILES, new ComposedInstallation.Wanted("nexus-it-", brokers, VARIABLES, Map.of()));
    project = installation.project();
  }

  /// Builds what of the images is not there, from the jars of this build.
  static void buildImages() throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(IMAGES.toAbsolutePath().normalize().toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Path said = Files.createTempFile("nexus-compose", ".txt");
    Process process = builder.redirectErrorStream(true).redirectOutput(said.toFile()).start();
    boolean ended = process.waitFor(IMAGES_WITHIN.toSeconds(), TimeUnit.SECONDS);
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    if (!ended || process.waitFor() != 0) {
      throw new AssertionError(builder.command() + " failed: " + Files.readString(said));
    }
    Files.delete(said);
  }

  /// Starts all containers; returns when each says that it works.
  void up() throws InterruptedException {
    project.compose("up", "--detach");
    project.awaitHealthy();
  }

  /// Puts the secrets where the definitions' references point, as an operator does.
  void provideSecrets() throws InterruptedException {
    for (var secret : Deliveries.secrets().entrySet()) {
      project.shell(
          "command-service",
          "umask 077 && cd /var/lib/nexus-shared && mkdir -p secrets && cat > secrets/"
              + secret.getKey(),
          secret.getValue());
    }
  }

  /// What a reader sees who pastes lines of the page into a shell in `infra/compose`. Only the
  /// places and the address are those of this installation and of this build.
  String paste(String lines) throws IOException, InterruptedException {
    Map<String, String> environment = new HashMap<>(project.variables());
    environment.put("JAVA", Path.of(System.getProperty("java.home"), "bin", "java").toString());
    environment.put("CLASS_PATH", System.getProperty("java.class.path"));
    return new Shell(installation.directory(), environment)
        .paste(
            PASTED.formatted(String.join(" ", project.words()))
                + lines
                    .replace("http://127.0.0.1:8080", reads())
                    .replace("cd ../..", "cd '" + ROOT + "'")
                    .replace("./nexus ", "nexus "));
  }

  /// The services whose containers run, those of others too.
  List<String> running() throws InterruptedException {
    return project.running();
  }

  /// What a script prints in the container of a service.
  String shell(String service, String script) throws InterruptedException {
    return project.shell(service, script, "");
  }

  /// MiB that the process of each service holds.
  Map<String, Long> residentMb() throws InterruptedException {
    return installation.residentMb();
  }

  void kill(List<String> services) throws InterruptedException {
    project.kill(services);
  }

  /// Has a service end as it should, and stay away.
  void stop(String service) throws InterruptedException {
    project.compose("stop", service);
  }

  /// Starts what was killed or stopped; returns when everything works again.
  void startAgain(List<String> services) throws InterruptedException {
    List<String> words = new ArrayList<>(List.of("up", "--detach", "--no-deps"));
    words.addAll(services);
    project.compose(words.toArray(String[]::new));
    project.awaitHealthy();
  }

  /// Gives the users what the image of now says they need, as an upgrade begins.
  void grantAnew() throws InterruptedException {
    project.compose("run", "--rm", "-T", "--no-deps", "grants");
  }

  /// Has a new container take the place of a service's; returns when it works.
  void replace(String service) throws InterruptedException {
    project.compose("up", "--detach", "--no-deps", "--force-recreate", service);
    project.awaitHealthy();
  }

  /// Stops everything and deletes what it kept; names what is there all the same.
  List<String> down() throws IOException, InterruptedException {
    project.keepLogs(log());
    down = true;
    project.compose("down", "--volumes", "--timeout", "20");
    return project.left();
  }

  /// What all containers said.
  private Path log() {
    return Path.of("target", "compose", brokers == 1 ? "one-broker.log" : "three-brokers.log");
  }

  @Override
  public Addresses addresses() {
    return new Addresses(reads(), "", installation.kafka(), "", false, 0);
  }

  @Override
  public String reads() {
    return installation.http().toString();
  }

  @Override
  public String key() {
    return Eventually.value(this::keyOrNone, key -> !key.isEmpty(), "an operator's key");
  }

  private String keyOrNone() throws InterruptedException {
    try {
      return installation.operatorKey();
    } catch (ComposeFailedException e) {
      return "";
    }
  }

  /// Those of an operator outside of the containers' network.
  @Override
  public Settings settings() {
    return as("operator");
  }

  /// Those of somebody outside of the containers' network.
  Settings as(String user) {
    return installation.settings(user);
  }

  /// The password of a user of the brokers.
  String password(String user) {
    return installation.password(user);
  }

  /// Asks for it from within, as nobody else reaches Redis, until everything is folded.
  @Override
  public Verification verify(Duration foldedWithin) {
    JsonNode outcome =
        Eventually.value(
            foldedWithin,
            this::verified,
            found -> found.path("outcome").asText().equals("equal"),
            "projections as the log gives them");
    return new Verification(
        outcome.path("partitions").asInt(),
        outcome.path("records").asLong(),
        outcome.path("names").asLong(),
        outcome.path("different").asLong(),
        List.of(),
        List.of());
  }

  /// The command fails where anything differs, or was not compared.
  private JsonNode verified() throws InterruptedException {
    return command("verify");
  }

  /// What `doctor` finds from within, as an operator. The command fails where something is broken.
  JsonNode doctor() throws InterruptedException {
    return command("doctor");
  }

  /// What a command prints in the network of the containers. One that fails says what is not so, or
  /// not yet.
  private JsonNode command(String verb) throws InterruptedException {
    try {
      return CanonicalJson.read(
          project.compose("run", "--rm", "-T", "-e", "NEXUS_KEY=" + key(), "cli", verb, "--json"));
    } catch (ComposeFailedException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    try {
      if (!down) {
        project.keepLogs(log());
      }
    } catch (ComposeFailedException e) {
      System.out.println("what the containers said could not be kept: " + e.getMessage());
    } finally {
      installation.close();
    }
  }
}
