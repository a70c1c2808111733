package dev.nexus.platform.host;

import dev.nexus.platform.config.InvalidSettingException;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.grant.KafkaUser;
import dev.nexus.platform.observe.Logs;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A service as a process of its own: what its module's `main` runs. It takes its settings from the
/// environment, says one line on standard output when it answers, logs to standard error and to a
/// file in its data directory, and ends with the signal that ends a process.
public final class ServiceProcess {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceProcess.class);

  /// What such a process says when it works, before its address.
  public static final String READY = " is ready at ";

  /// Where an embedded broker says that it stands.
  public static final String EMBEDDED_RACK = "nexus-embedded";

  private static final int ANSWERED_WITHIN_MS = 10_000;

  private ServiceProcess() {}

  /// Works until the process is told to end.
  ///
  /// @param name of its module, by which the brokers know it, too
  public static void run(String name) {
    run(name, host -> {});
  }

  /// The same.
  ///
  /// @param first is done when the services work, before the process says so
  public static void run(String name, Consumer<ServiceHost> first) {
    Logs.toConsole();
    CountDownLatch ended = new CountDownLatch(1);
    try {
      Settings settings = Settings.of(System.getenv());
      // Services may share the directory, so each has a file of its own.
      Logs.alsoTo(settings.path(Setting.DATA_DIR).resolve(name + ".log"));
      MisspeltSettings.of(settings).forEach(LOG::warn);
      ServiceHost host = start(settings, KafkaUser.named(name).orElseThrow());
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform()
                  .name("shutdown")
                  .unstarted(
                      () -> {
                        host.close();
                        ended.countDown();
                      }));
      first.accept(host);
      System.out.println(name + READY + host.httpUrl());
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.atInfo().setCause(e).addKeyValue("service", name).log("the service did not start");
      System.err.println(name + ": " + said(e));
      System.exit(1);
    }
  }

  private static String said(RuntimeException failure) {
    return String.valueOf(
        InvalidSettingException.behind(failure)
            .<Throwable>map(e -> e)
            .orElse(failure)
            .getMessage());
  }

  private static ServiceHost start(Settings settings, KafkaUser as) {
    for (Setting needed : List.of(Setting.KAFKA_BOOTSTRAP_SERVERS, Setting.REDIS_URL)) {
      if (!settings.isSet(needed)) {
        throw new IllegalArgumentException(
            needed.variable()
                + " is not set: a service of its own needs a Kafka cluster and a Redis that are"
                + " there already ('./nexus up' starts everything in one process)");
      }
    }
    WrittenSchemas.require(settings, as);
    KafkaClients clients = new KafkaClients(settings);
    refuseEmbedded(clients, settings.text(Setting.KAFKA_BOOTSTRAP_SERVERS));
    // Behind the other looks: a start that one of them refuses makes no directory.
    Directories.require(settings);
    var table = TopicTable.onCluster(clients, settings);
    table.create();
    // Whoever was not told leaves it as others have it.
    if (settings.isGiven(Setting.FSYNC)) {
      table.sync();
    }
    WrittenSchemas.note(settings, as);
    return ServiceHost.start(
        ServiceHost.context(settings),
        settings,
        BrokerAccess.SHARED,
        Clock.systemUTC(),
        new Quiet());
  }

  /// The process that has an embedded broker writes to it as nobody else does.
  private static void refuseEmbedded(KafkaClients clients, String servers) {
    var options = new DescribeClusterOptions().timeoutMs(ANSWERED_WITHIN_MS);
    try (Admin admin = clients.admin()) {
      if (admin.describeCluster(options).nodes().get().stream()
          .anyMatch(node -> EMBEDDED_RACK.equals(node.rack()))) {
        throw new IllegalArgumentException(
            "the broker at "
                + servers
                + " is embedded in another Nexus, and no service beside it can share it: set"
                + " NEXUS_KAFKA_BOOTSTRAP_SERVERS to a Kafka cluster");
      }
    } catch (ExecutionException e) {
      throw new IllegalArgumentException(
          "no Kafka broker answers at "
              + servers
              + ": start it, or correct NEXUS_KAFKA_BOOTSTRAP_SERVERS",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted before Kafka answered", e);
    }
  }

  private static final class Quiet implements ServiceHost.Steps {
    @Override
    public <T> T part(String name, Supplier<T> work) {
      T done = work.get();
      LOG.atInfo().addKeyValue("part", name).log("begun");
      return done;
    }
  }
}
