package dev.nexus.bench;

import dev.nexus.standalone.compose.ComposeProject;
import dev.nexus.standalone.compose.ComposedInstallation;
import dev.nexus.standalone.verb.CommandFailedException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Every service in a container of its own, with one broker, as `docker compose up` starts it.
final class ComposeSite implements Site {
  /// What chooses images and their memory, as `.env` of an installation does.
  private static final List<String> VARIABLES =
      List.of(
          "IMAGE_REPOSITORY",
          "IMAGE_TAG",
          "KAFKA_IMAGE",
          "REDIS_IMAGE",
          "KAFKA_MEMORY",
          "KAFKA_HEAP",
          "REDIS_MEMORY",
          "SERVICE_MEMORY");

  private static final String USER = "operator";

  /// The floor makes topics of its own, which no user of an installation may who is let in from
  /// outside.
  private static final String MAY_MAKE_TOPICS =
      """
      services:
        kafka-1:
          environment:
            KAFKA_SUPER_USERS: User:broker;User:admin;User:nexus-%s
      """
          .formatted(USER);

  private final Map<String, String> chosen;
  private volatile @Nullable ComposedInstallation installation;
  private boolean closed;

  /// @param environment of whoever asks
  ComposeSite(Map<String, String> environment) {
    Map<String, String> own = new HashMap<>(environment);
    own.keySet().retainAll(VARIABLES);
    chosen = Map.copyOf(own);
  }

  /// Puts everything there and starts nothing; says what to install where Docker is missing.
  /// Whoever closes this meanwhile waits until it is known what is there.
  synchronized void prepare() throws IOException, InterruptedException {
    if (closed) {
      throw new IOException("nothing is begun any more");
    }
    installation =
        ComposedInstallation.prepare(
            files(),
            new ComposedInstallation.Wanted(
                "nexus-bench-", 1, chosen, Map.of("bench.yaml", MAY_MAKE_TOPICS)));
  }

  private ComposedInstallation prepared() {
    ComposedInstallation now = installation;
    if (now == null) {
      throw new IllegalStateException("not prepared");
    }
    return now;
  }

  /// `infra/compose` of the tree that this was built in, from its place in target of `infra/bench`.
  private static Path files() throws IOException {
    var source = Objects.requireNonNull(ComposeSite.class.getProtectionDomain().getCodeSource());
    try {
      Path files = Path.of(source.getLocation().toURI()).resolve("../../../compose").normalize();
      if (Files.notExists(files.resolve("compose.yaml"))) {
        throw new CommandFailedException("there is no " + files + ", which says what is started");
      }
      return files;
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  /// Bytes of the image of each service. Refuses when one is not there: to fetch it is not part of
  /// a start.
  Map<String, Long> imageBytes() throws InterruptedException {
    Map<String, Long> bytes = new TreeMap<>();
    Collection<String> missing = new TreeSet<>();
    ComposeProject project = prepared().project();
    for (var image : project.images().entrySet()) {
      project
          .imageBytes(image.getValue())
          .ifPresentOrElse(
              size -> bytes.put(image.getKey(), size), () -> missing.add(image.getValue()));
    }
    if (!missing.isEmpty()) {
      throw new CommandFailedException(missing(missing));
    }
    return bytes;
  }

  static String missing(Collection<String> images) {
    return "images are missing: "
        + String.join(", ", images)
        + ". `./nexus images` builds those of Nexus, `docker pull` fetches the others. Without a"
        + " registry `./nexus images --stage-only && infra/images/offline/offline.sh` builds all of"
        + " them, for `IMAGE_TAG=offline KAFKA_IMAGE=nexus-offline/kafka"
        + " REDIS_IMAGE=nexus-offline/redis ./nexus bench compose`";
  }

  @Override
  public void start() throws InterruptedException {
    prepared().project().compose("up", "--detach");
  }

  @Override
  public URI base() {
    return prepared().http();
  }

  @Override
  public String key() throws InterruptedException {
    return prepared().operatorKey();
  }

  @Override
  public Map<String, String> kafka() {
    return prepared().settings(USER).kafkaProperties();
  }

  @Override
  public Map<String, Long> residentMb() throws InterruptedException {
    return prepared().residentMb();
  }

  @Override
  public Map<String, Double> startSeconds() throws InterruptedException {
    return prepared().startSeconds();
  }

  @Override
  public void stop() throws InterruptedException {
    prepared().project().compose("down", "--volumes", "--timeout", "20");
  }

  @Override
  public synchronized void close() throws IOException, InterruptedException {
    closed = true;
    ComposedInstallation there = installation;
    if (there != null) {
      there.close();
    }
  }
}
