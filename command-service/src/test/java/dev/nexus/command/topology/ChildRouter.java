package dev.nexus.command.topology;

import dev.nexus.command.ChildProcess;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.snapshot.SnapshotModule;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// A router in a process of its own, which can die like one.
final class ChildRouter {
  static final int HALTED = ChildProcess.HALTED;
  private static final String READY = "router ready";

  private ChildRouter() {}

  /// A process that decides on what partition 0 holds, lets a subset of the parts of the first
  /// decision through and halts.
  static Process haltedWith(BrokerAccess access, long subset, RouterFixture nexus, Path directory)
      throws IOException {
    return spawn(nexus, directory, access.name(), Long.toString(subset));
  }

  /// A process that routes until it is killed; returns once it does.
  static Process running(RouterFixture nexus, Path directory) throws IOException {
    Process child = spawn(nexus, directory, "run");
    BufferedReader lines = child.inputReader();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.equals(READY)) {
        Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
        return child;
      }
    }
    throw new IllegalStateException("the child ended before it was ready");
  }

  private static Process spawn(RouterFixture nexus, Path directory, String... what)
      throws IOException {
    Settings settings = nexus.settings(directory, Map.of());
    List<String> arguments = new ArrayList<>();
    arguments.add(settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS));
    arguments.add(settings.text(Setting.KAFKA_TOPIC_PREFIX));
    arguments.add(directory.toString());
    arguments.addAll(List.of(what));
    return ChildProcess.start(ChildRouter.class, arguments.toArray(String[]::new));
  }

  /// Arguments: bootstrap servers, topic prefix, data directory, `run` or whose the broker is
  /// and the subset.
  public static void main(String[] args) throws InterruptedException {
    Settings settings =
        Settings.of(
            Map.of(
                "NEXUS_KAFKA_BOOTSTRAP_SERVERS", args[0],
                "NEXUS_KAFKA_TOPIC_PREFIX", args[1],
                "NEXUS_DATA_DIR", args[2]));
    KafkaClients clients = new KafkaClients(settings);
    EventProducer producer = new EventProducer(clients, "child");
    DeadLetters deadLetters = new DeadLetters(producer, "router", Clock.systemUTC());
    DefinitionCatalog catalog = new DefinitionCatalog(clients, "child", deadLetters).start();
    if (args[3].equals("run")) {
      Router router =
          new Router(
              clients,
              BrokerAccess.SHARED,
              settings,
              catalog,
              deadLetters,
              snapshots(settings, clients, producer, deadLetters),
              new SimpleMeterRegistry(),
              Clock.systemUTC());
      router.start();
      router.awaitReady(Duration.ofMinutes(2));
      System.out.println(READY);
      new CountDownLatch(1).await();
    } else {
      RouterContext.Sinks sinks =
          partition ->
              armed(
                  LeakySink.of(
                      clients,
                      BrokerAccess.valueOf(args[3]),
                      partition,
                      Long.parseLong(args[4]),
                      () -> Runtime.getRuntime().halt(HALTED)));
      decide(settings, clients, producer, catalog, deadLetters, sinks);
    }
  }

  private static LeakySink armed(LeakySink sink) {
    sink.arm();
    return sink;
  }

  private static Snapshots snapshots(
      Settings settings, KafkaClients clients, EventProducer producer, DeadLetters deadLetters) {
    return SnapshotModule.follow(
        clients, producer, deadLetters, settings, "child", Clock.systemUTC());
  }

  private static void decide(
      Settings settings,
      KafkaClients clients,
      EventProducer producer,
      DefinitionCatalog catalog,
      DeadLetters deadLetters,
      RouterContext.Sinks sinks) {
    Routes routes = new Routes(clients, deadLetters);
    routes.start();
    routes.awaitCaughtUp(Duration.ofMinutes(2));
    catalog.awaitCaughtUp(Duration.ofMinutes(2));
    var context =
        new RouterContext(
            clients,
            sinks,
            catalog,
            new Plans(catalog, routes, Duration.ofMinutes(10)),
            routes,
            deadLetters,
            snapshots(settings, clients, producer, deadLetters),
            new ExecutionTimes(new SimpleMeterRegistry()),
            Clock.systemUTC(),
            "log",
            settings.path(Setting.DATA_DIR),
            RouterFixture.limits());
    new HandDrivenPartition(context, 0).drain();
  }
}
