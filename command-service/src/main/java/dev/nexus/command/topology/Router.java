package dev.nexus.command.topology;

import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.BacklogReports;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.MemberName;
import dev.nexus.platform.stream.OwnedPartitions;
import dev.nexus.platform.stream.RecordSink;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/// The one decider of executions: owns partitions of requests and outcomes and writes the facts.
public final class Router implements NexusService {
  private static final int HOT_EXECUTIONS = 4_096;

  private final KafkaClients clients;
  private final BrokerAccess access;
  private final Settings settings;
  private final DefinitionCatalog catalog;
  private final DeadLetters deadLetters;
  private final Clock clock;
  private final Routes routes;
  private @Nullable BacklogReports backlogs;
  private @Nullable OwnedPartitions partitions;

  public Router(
      KafkaClients clients,
      BrokerAccess access,
      Settings settings,
      DefinitionCatalog catalog,
      DeadLetters deadLetters,
      Clock clock) {
    this.clients = clients;
    this.access = access;
    this.settings = settings;
    this.catalog = catalog;
    this.deadLetters = deadLetters;
    this.clock = clock;
    this.routes = new Routes(clients, deadLetters);
  }

  /// Has its partitions report how far they are behind; before the start.
  public void reportTo(BacklogReports reports) {
    backlogs = reports;
  }

  @Override
  public String name() {
    return "router";
  }

  @Override
  public void start() {
    routes.start();
    catalog.awaitCaughtUp(Duration.ofSeconds(30));
    routes.awaitCaughtUp(Duration.ofSeconds(30));
    Path directory = settings.path(Setting.DATA_DIR).resolve("router");
    var context =
        new RouterContext(
            clients,
            partition -> RecordSink.open(clients, access, "router-" + partition),
            catalog,
            new Plans(catalog, routes, settings.duration(Setting.QUEUE_LIMIT)),
            routes,
            deadLetters,
            clock,
            logId(),
            directory,
            new RouterContext.Limits(
                settings.duration(Setting.LEASE),
                settings.duration(Setting.FINISHED_KEPT),
                HOT_EXECUTIONS));
    partitions =
        new OwnedPartitions(
                "router",
                clients,
                List.of(Topic.REQUESTS, Topic.OUTCOMES),
                MemberName.of(directory, "router"),
                partition -> new RouterPartition(context, partition))
            .tellingProgress();
    if (backlogs != null) {
      partitions.reportTo(backlogs);
    }
    partitions.start();
  }

  /// A cluster formatted anew or a topic made anew is another log.
  private String logId() {
    try (Admin admin = clients.admin()) {
      String cluster = admin.describeCluster().clusterId().get();
      String topic = clients.name(Topic.EXECUTIONS);
      var description = admin.describeTopics(List.of(topic)).topicNameValues().get(topic);
      if (description == null) {
        throw new IllegalStateException("topic " + topic + " is missing");
      }
      return cluster + "/" + description.get().topicId();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the log could not be identified: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while identifying the log", e);
    }
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
    if (partitions != null) {
      partitions.close();
    }
    routes.close();
  }
}
