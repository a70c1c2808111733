package dev.nexus.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A real Kafka broker, one node in KRaft mode, in this JVM. It listens on the loopback address
/// only; what it keeps survives restart and kill -9.
public final class EmbeddedBroker implements AutoCloseable {
  /// Rack that every embedded broker says it stands in, so that a second platform can tell that
  /// the broker belongs to another process, which writes to it as if it were alone.
  public static final String RACK = "nexus-embedded";

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
  private static final int ATTEMPTS = 5;

  private final KafkaRaftServer server;
  private final int port;
  private boolean closed;

  private EmbeddedBroker(KafkaRaftServer server, int port) {
    this.server = server;
    this.port = port;
  }

  /// Starts a broker that keeps its log in `directory`.
  ///
  /// @param wantedPort port of its listener; the next free one is taken when it is in use, any
  ///     free one for 0
  /// @throws EmbeddedStartException when it cannot start
  public static EmbeddedBroker start(Path directory, int wantedPort) {
    return start(directory, wantedPort, RACK, Map.of());
  }

  /// Starts an ownerless broker with some settings of its own, for tests of what is said of brokers
  /// that are set otherwise.
  public static EmbeddedBroker startWith(Path directory, Map<String, String> settings) {
    return start(directory, 0, "", settings);
  }

  /// Starts a broker without the mark of an owner, which platforms write to as they do to one of a
  /// cluster: with transactions, and several of them at a time. For tests of a broker that fails.
  public static EmbeddedBroker startOwnerless(Path directory, int wantedPort) {
    return start(directory, wantedPort, "", Map.of());
  }

  private static EmbeddedBroker start(
      Path directory, int wantedPort, String rack, Map<String, String> settings) {
    Path log = directory.toAbsolutePath().normalize();
    format(log);
    for (int attempt = 1; ; attempt++) {
      int port = LoopbackPorts.freeFrom(wantedPort);
      int controllerPort = LoopbackPorts.anyFreeBut(port);
      try {
        return new EmbeddedBroker(startServer(log, port, controllerPort, rack, settings), port);
      } catch (RuntimeException e) {
        if (attempt == ATTEMPTS || !lostPort(e)) {
          throw new EmbeddedStartException(
              "the embedded broker did not start on " + log + ": " + e.getMessage(), e);
        }
        LOG.atInfo().addKeyValue("port", port).log("port was taken meanwhile, trying another");
      }
    }
  }

  private static KafkaRaftServer startServer(
      Path log, int port, int controllerPort, String rack, Map<String, String> settings) {
    Properties properties = BrokerSettings.properties(log, port, controllerPort, rack);
    properties.putAll(settings);
    KafkaConfig config = KafkaConfig.fromProps(properties, false);
    KafkaRaftServer server = new KafkaRaftServer(config, Time.SYSTEM);
    try {
      server.startup();
      return server;
    } catch (RuntimeException e) {
      shutDownQuietly(server);
      throw e;
    }
  }

  private static void shutDownQuietly(KafkaRaftServer server) {
    try {
      server.shutdown();
      server.awaitShutdown();
    } catch (RuntimeException e) {
      LOG.atDebug().setCause(e).log("broker that did not start could not be stopped");
    }
  }

  private static boolean lostPort(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof BindException
          || (t instanceof KafkaException && String.valueOf(t.getMessage()).contains("bind"))) {
        return true;
      }
    }
    return false;
  }

  /// Writes the node's identity into a new directory; a killed first start leaves none behind.
  private static void format(Path log) {
    if (Files.exists(log.resolve("meta.properties"))) {
      return;
    }
    Path fresh = log.resolveSibling(log.getFileName() + ".new");
    try {
      deleteTree(fresh);
      Files.createDirectories(fresh);
      new Formatter()
          .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, "UTF-8"))
          .setClusterId(Uuid.randomUuid().toString())
          .setNodeId(BrokerSettings.NODE_ID)
          .setDirectories(List.of(fresh.toString()))
          .setMetadataLogDirectory(fresh.toString())
          .setControllerListenerName("CONTROLLER")
          .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
          .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
          .run();
      if (Files.isDirectory(log)) {
        refuseUnlessEmpty(log);
        Files.delete(log);
      }
      Files.move(fresh, log, StandardCopyOption.ATOMIC_MOVE);
    } catch (EmbeddedStartException e) {
      throw e;
    } catch (Exception e) {
      throw new EmbeddedStartException("broker directory " + log + " cannot be made: " + e, e);
    }
  }

  private static void refuseUnlessEmpty(Path log) throws IOException {
    try (Stream<Path> entries = Files.list(log)) {
      if (entries.findAny().isPresent()) {
        throw new EmbeddedStartException(
            log
                + " holds files but no meta.properties, so it is no broker's directory:"
                + " set NEXUS_DATA_DIR to another directory");
      }
    }
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  public int port() {
    return port;
  }

  /// Value for `bootstrap.servers`.
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      server.shutdown();
      server.awaitShutdown();
    }
  }
}
