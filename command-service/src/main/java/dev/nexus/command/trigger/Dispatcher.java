package dev.nexus.command.trigger;

import dev.nexus.command.access.Integrations;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.BacklogReports;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.MemberName;
import dev.nexus.platform.stream.OwnedPartitions;
import dev.nexus.platform.stream.Transaction;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The one decider of outside events: owns partitions of `nexus.events`, where all copies of an
/// event stand together, and writes a verdict on each with the requests that follow from it.
public final class Dispatcher implements NexusService {
  /// Name of its group.
  static final String GROUP = "dispatch";

  private final Parts parts;
  private final Settings settings;
  private final DispatchContext context;
  private @Nullable BacklogReports backlogs;
  private @Nullable OwnedPartitions partitions;

  /// What it decides by and writes with.
  public record Parts(
      KafkaClients clients,
      DeadLetters deadLetters,
      Integrations integrations,
      DefinitionCatalog catalog,
      SchemaChecks schemas,
      Payloads payloads) {}

  public Dispatcher(Parts parts, Settings settings) {
    this.parts = parts;
    this.settings = settings;
    this.context =
        new DispatchContext(
            parts.clients(),
            partition -> new Transaction(parts.clients(), "dispatch-" + partition),
            new EventDecider(
                EventDecider.Views.of(parts.integrations(), parts.catalog()),
                parts.schemas(),
                parts.payloads()),
            parts.deadLetters(),
            settings.number(Setting.EVENTS_REMEMBERED));
  }

  /// Has it report how far its group is behind; before the start.
  public void reportTo(BacklogReports reports) {
    backlogs = reports;
  }

  @Override
  public String name() {
    return "dispatcher";
  }

  @Override
  public void start() {
    partitions =
        new OwnedPartitions(
                GROUP,
                parts.clients(),
                List.of(Topic.EVENTS),
                MemberName.of(settings.path(Setting.DATA_DIR).resolve(GROUP), GROUP),
                partition -> new DispatchPartition(context, partition))
            .tellingProgress();
    if (backlogs != null) {
      partitions.reportingTo(backlogs);
    }
    partitions.start();
  }

  @Override
  public void awaitReady(Duration patience) {
    if (partitions == null) {
      throw new IllegalStateException("the dispatcher was not started");
    }
    partitions.awaitReady(patience);
  }

  @Override
  public boolean healthy() {
    return partitions != null && partitions.healthy();
  }

  @Override
  public void close() {
    if (partitions != null) {
      partitions.close();
    }
  }
}
