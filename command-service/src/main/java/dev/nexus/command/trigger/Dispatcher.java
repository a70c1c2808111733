package dev.nexus.command.trigger;

import dev.nexus.command.access.Integrations;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LogLag;
import dev.nexus.platform.stream.MemberName;
import dev.nexus.platform.stream.OwnedPartitions;
import dev.nexus.platform.stream.Transaction;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// The one decider of outside events: owns partitions of `nexus.events`, where all copies of an
/// event stand together, and writes a verdict on each with the requests that follow from it.
public final class Dispatcher implements NexusService {
  /// Name of its group.
  public static final String GROUP = ConsumerGroup.DISPATCH.groupName();

  private final Parts parts;
  private final Settings settings;
  private final DispatchContext context;
  private volatile @Nullable OwnedPartitions partitions;

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
            partition ->
                new Transaction(parts.clients(), ConsumerGroup.DISPATCH.transactionalId(partition)),
            new EventDecider(
                EventDecider.Views.of(parts.integrations(), parts.catalog()),
                parts.schemas(),
                parts.payloads()),
            parts.deadLetters(),
            settings.number(Setting.EVENTS_REMEMBERED));
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
            ConsumerGroup.DISPATCH.topics(),
            MemberName.of(settings.path(Setting.DATA_DIR).resolve(GROUP), GROUP),
            partition -> new DispatchPartition(context, partition));
    partitions.start();
  }

  @Override
  public void awaitReady(Duration patience) {
    if (partitions == null) {
      throw new IllegalStateException("the dispatcher was not started");
    }
    partitions.awaitReady(patience);
  }

  /// Outside events that wait for the dispatchers of this installation.
  public long behind(LogLag lag) throws ExecutionException, InterruptedException {
    OwnedPartitions own = partitions;
    return own == null ? lag.ofGroup(GROUP, ConsumerGroup.DISPATCH.topics()) : own.behind(lag);
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
