package dev.nexus.command.topology;

import dev.nexus.command.retention.FactRetention;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogIdentity;
import dev.nexus.platform.stream.LogLag;
import dev.nexus.platform.stream.MemberName;
import dev.nexus.platform.stream.OwnedPartitions;
import dev.nexus.platform.stream.RecordSink;
import dev.nexus.topic.Topic;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// The one decider of executions: owns partitions of requests and outcomes and writes the facts.
public final class Router implements NexusService {
  /// Name of its group.
  public static final String GROUP = ConsumerGroup.ROUTER.groupName();

  private static final int HOT_EXECUTIONS = 4_096;

  private final KafkaClients clients;
  private final BrokerAccess access;
  private final Settings settings;
  private final DefinitionCatalog catalog;
  private final DeadLetters deadLetters;
  private final Snapshots snapshots;
  private final MeterRegistry meters;
  private final Clock clock;
  private final Routes routes;
  private volatile @Nullable OwnedPartitions partitions;
  private @Nullable FactRetention retention;

  public Router(
      KafkaClients clients,
      BrokerAccess access,
      Settings settings,
      DefinitionCatalog catalog,
      DeadLetters deadLetters,
      Snapshots snapshots,
      MeterRegistry meters,
      Clock clock) {
    this.clients = clients;
    this.access = access;
    this.settings = settings;
    this.catalog = catalog;
    this.deadLetters = deadLetters;
    this.snapshots = snapshots;
    this.meters = meters;
    this.clock = clock;
    this.routes = new Routes(clients, deadLetters);
  }

  @Override
  public String name() {
    return GROUP;
  }

  @Override
  public void start() {
    routes.start();
    catalog.awaitCaughtUp(Duration.ofSeconds(30));
    routes.awaitCaughtUp(Duration.ofSeconds(30));
    snapshots.awaitCaughtUp(Duration.ofSeconds(30));
    Path directory = settings.path(Setting.DATA_DIR).resolve(GROUP);
    String log = logId();
    FactRetention facts =
        new FactRetention(
            clients,
            snapshots,
            log,
            new FactRetention.Limits(
                settings.duration(Setting.FACTS_KEPT),
                (long) settings.number(Setting.FACTS_KEPT_MB) << 20),
            clock);
    retention = facts;
    var context =
        new RouterContext(
            clients,
            partition ->
                RecordSink.open(clients, access, ConsumerGroup.ROUTER.transactionalId(partition)),
            catalog,
            new Plans(catalog, routes, settings.duration(Setting.QUEUE_LIMIT)),
            routes,
            deadLetters,
            snapshots,
            new ExecutionTimes(meters),
            clock,
            log,
            directory,
            new RouterContext.Limits(
                settings.duration(Setting.LEASE),
                settings.duration(Setting.FINISHED_KEPT),
                settings.duration(Setting.SNAPSHOT_EVERY),
                settings.flag(Setting.WITHOUT_SNAPSHOT),
                HOT_EXECUTIONS));
    partitions =
        new OwnedPartitions(
            GROUP,
            clients,
            ConsumerGroup.ROUTER.topics(),
            MemberName.of(directory, GROUP),
            partition -> new RouterPartition(context, partition));
    partitions.start();
    facts.start();
  }

  /// Requests and outcomes that wait for the routers of this installation.
  public long behind(LogLag lag) throws ExecutionException, InterruptedException {
    OwnedPartitions own = partitions;
    return own == null ? lag.ofGroup(GROUP, ConsumerGroup.ROUTER.topics()) : own.behind(lag);
  }

  private String logId() {
    return LogIdentity.of(clients, List.of(Topic.EXECUTIONS)).getOrDefault(Topic.EXECUTIONS, "");
  }

  @Override
  public void awaitReady(Duration patience) {
    if (partitions == null) {
      throw new IllegalStateException("the router was not started");
    }
    partitions.awaitReady(patience);
  }

  @Override
  public boolean healthy() {
    return partitions != null && partitions.healthy() && routes.healthy();
  }

  @Override
  public void close() {
    if (retention != null) {
      retention.close();
    }
    if (partitions != null) {
      partitions.close();
    }
    routes.close();
  }
}
