package dev.nexus.standalone.run;

import dev.nexus.embedded.DataDirectory;
import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.embedded.EmbeddedStartException;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.grant.KafkaUser;
import dev.nexus.platform.host.Directories;
import dev.nexus.platform.host.MisspeltSettings;
import dev.nexus.platform.host.OperatorKey;
import dev.nexus.platform.host.RunningServices;
import dev.nexus.platform.host.ServiceHost;
import dev.nexus.platform.host.WrittenSchemas;
import dev.nexus.platform.security.ApiKeys;
import dev.nexus.platform.security.KeyRing;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.topic.Profile;
import io.micronaut.context.ApplicationContext;
import io.micronaut.grpc.server.GrpcEmbeddedServer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything in one JVM: broker, Redis, all services, HTTP and gRPC. Starts in the order in which
/// the parts need each other and ends in the reverse one.
public final class Platform implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Platform.class);

  private final Progress progress;
  private final Clock clock;
  private final Deque<Part> begun = new ArrayDeque<>();
  private final Started started;

  /// A part that has begun and how it ends.
  private record Part(String name, AutoCloseable end) {}

  private record Started(
      DataDirectory data, Settings settings, ServiceHost host, Addresses addresses) {}

  private Platform(Settings settings, Progress progress, Clock clock) {
    this.progress = progress;
    this.clock = clock;
    try {
      this.started = start(settings);
    } catch (RuntimeException | Error e) {
      endAll();
      throw e;
    }
  }

  /// Starts the platform; when this returns it answers.
  ///
  /// @throws EmbeddedStartException when a part cannot start, with one line that says what to do
  public static Platform start(Settings settings, Progress progress) {
    return start(settings, progress, Clock.systemUTC());
  }

  /// As `start(settings, progress)`, with the time that its services go by.
  public static Platform start(Settings settings, Progress progress, Clock clock) {
    return new Platform(settings, progress, clock);
  }

  /// Looks at what a start needs of others, and at what was written before, before anything begins.
  /// Directories that settings name are made behind the others: a start that is refused for one of
  /// those makes none.
  ///
  /// Where a start would be refused it throws `EmbeddedStartException` for ports and servers,
  /// `CannotGoOnException` for what a newer version has written, and `InvalidSettingException` for
  /// directories, each with one line that says why.
  public static void requireStartable(Settings wanted) {
    WantedPorts.requireFree(wanted);
    ForeignServers.require(wanted);
    WrittenSchemas.require(wanted, KafkaUser.PLATFORM);
    Directories.require(wanted);
  }

  private Started start(Settings wanted) {
    MisspeltSettings.of(wanted).forEach(progress::say);
    requireStartable(wanted);
    DataDirectory data = begin("data directory", lock(wanted));
    RunFile.delete(data.path());
    // These three need nobody, so they start side by side.
    var broker = beginAside("Kafka", () -> startBroker(wanted, data));
    var redis = beginAside("Redis", () -> startRedis(wanted, data));
    var context = beginAside("application context", () -> Optional.of(ServiceHost.context(wanted)));
    Optional<EmbeddedBroker> ownBroker = progress.part("Kafka", () -> get(broker));
    Settings settings = withBroker(wanted, ownBroker);
    progress.part("topics", () -> createTopics(settings, ownBroker.isPresent()));
    Optional<EmbeddedRedis> ownRedis = progress.part("Redis", () -> get(redis));
    ApplicationContext ready = progress.part("application", () -> get(context)).orElseThrow();
    return startServices(
        data,
        ownBroker.isPresent() ? BrokerAccess.OWN : BrokerAccess.SHARED,
        ownRedis.map(r -> settings.with(Setting.REDIS_URL, r.url())).orElse(settings),
        ready,
        ownRedis.map(EmbeddedRedis::port).orElse(0));
  }

  private Started startServices(
      DataDirectory data,
      BrokerAccess access,
      Settings settings,
      ApplicationContext context,
      int redisPort) {
    WrittenSchemas.note(settings, KafkaUser.PLATFORM);
    ServiceHost host =
        begin("services", ServiceHost.start(context, settings, access, clock, progress));
    OperatorKey.ensure(data.path(), context.getBean(ApiKeys.class), context.getBean(KeyRing.class));
    Addresses addresses =
        new Addresses(
            host.httpUrl(),
            grpcAddress(context),
            settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS),
            settings.text(Setting.KAFKA_TOPIC_PREFIX),
            access == BrokerAccess.OWN,
            redisPort);
    RunFile.ofThisProcess(host.instance().value(), clock.instant(), addresses, settings)
        .write(data.path());
    begin("run file", () -> RunFile.delete(data.path()));
    return new Started(data, settings, host, addresses);
  }

  private static DataDirectory lock(Settings settings) {
    return DataDirectory.lock(settings.path(Setting.DATA_DIR));
  }

  private static Optional<EmbeddedBroker> startBroker(Settings wanted, DataDirectory data) {
    return wanted.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS)
        ? Optional.empty()
        : Optional.of(
            EmbeddedBroker.start(data.resolve("kafka"), wanted.number(Setting.KAFKA_PORT)));
  }

  private Settings withBroker(Settings wanted, Optional<EmbeddedBroker> broker) {
    if (broker.isEmpty()) {
      return wanted;
    }
    int port = wanted.number(Setting.KAFKA_PORT);
    if (port != 0 && broker.get().port() != port) {
      if (WantedPorts.isBrokerPortChosen(wanted)) {
        // It was free when the start began.
        throw WantedPorts.brokerPortTaken(wanted);
      }
      progress.say(
          "Kafka port "
              + port
              + " is in use, the broker took "
              + broker.get().port()
              + " ("
              + Setting.KAFKA_PORT.variable()
              + " chooses one)");
    }
    return wanted.with(Setting.KAFKA_BOOTSTRAP_SERVERS, broker.get().bootstrapServers());
  }

  private static Optional<EmbeddedRedis> startRedis(Settings wanted, DataDirectory data) {
    return wanted.isSet(Setting.REDIS_URL)
        ? Optional.empty()
        : Optional.of(EmbeddedRedis.start(data.resolve("redis")));
  }

  private static void createTopics(Settings settings, boolean embedded) {
    try {
      KafkaClients clients = new KafkaClients(settings);
      TopicTable table =
          embedded
              ? new TopicTable(clients, Profile.EMBEDDED, settings.flag(Setting.FSYNC))
              : TopicTable.onCluster(clients, settings);
      table.create();
      // Others may start on the same cluster who were not told either.
      if (!settings.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS) || settings.isGiven(Setting.FSYNC)) {
        table.sync();
      }
      if (embedded) {
        table.stamp();
      }
    } catch (IllegalStateException e) {
      throw new EmbeddedStartException(String.valueOf(e.getMessage()), e);
    }
  }

  private static String grpcAddress(ApplicationContext context) {
    return context
        .findBean(GrpcEmbeddedServer.class)
        .filter(GrpcEmbeddedServer::isRunning)
        .map(server -> "127.0.0.1:" + server.getPort())
        .orElse("");
  }

  private synchronized <T extends AutoCloseable> T begin(String name, T part) {
    begun.push(new Part(name, part));
    return part;
  }

  /// Begins a part on a thread of its own; ending it waits until it has begun.
  private <T extends AutoCloseable> CompletableFuture<Optional<T>> beginAside(
      String name, Supplier<Optional<T>> work) {
    CompletableFuture<Optional<T>> future =
        CompletableFuture.supplyAsync(
            work, task -> Thread.ofPlatform().name("start-" + name).start(task));
    begin(name, () -> endWhenBegun(future));
    return future;
  }

  private static <T extends AutoCloseable> void endWhenBegun(CompletableFuture<Optional<T>> future)
      throws Exception {
    Optional<T> part = future.exceptionally(failure -> Optional.empty()).join();
    if (part.isPresent()) {
      part.get().close();
    }
  }

  private static <T> T get(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  public Addresses addresses() {
    return started.addresses();
  }

  public Path dataDirectory() {
    return started.data().path();
  }

  /// The settings in force: with the brokers and the Redis that were started.
  public Settings settings() {
    return started.settings();
  }

  /// For tests and the demonstration, which look inside.
  public ApplicationContext context() {
    return started.host().context();
  }

  public RunningServices services() {
    return started.host().services();
  }

  /// Ends everything; calling it again does nothing.
  @Override
  public void close() {
    endAll();
  }

  private synchronized void endAll() {
    while (!begun.isEmpty()) {
      Part part = begun.pop();
      long from = System.nanoTime();
      try {
        part.end().close();
        LOG.atInfo()
            .addKeyValue("part", part.name())
            .addKeyValue("tookMs", (System.nanoTime() - from) / 1_000_000)
            .log("ended");
      } catch (Exception e) {
        LOG.atWarn().setCause(e).addKeyValue("part", part.name()).log("did not end well");
      }
    }
  }
}
