package dev.nexus.command.valueowner;

import dev.nexus.command.value.Room;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.MemberName;
import dev.nexus.platform.stream.OwnedPartitions;
import dev.nexus.platform.stream.RecordSink;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The one decider of runtime values: owns partitions of `nexus.value-requests`, on each of which
/// stands all that is asked about the values of an application.
public final class ValueOwner implements NexusService {
  /// Name of its group.
  public static final String GROUP = ConsumerGroup.VALUES.groupName();

  private final Settings settings;
  private final ValueContext context;
  private volatile @Nullable OwnedPartitions partitions;

  public ValueOwner(
      KafkaClients clients,
      BrokerAccess access,
      Settings settings,
      DeadLetters deadLetters,
      Clock clock) {
    this.settings = settings;
    this.context =
        new ValueContext(
            clients,
            partition ->
                RecordSink.open(clients, access, ConsumerGroup.VALUES.transactionalId(partition)),
            deadLetters,
            new Room.Limits(
                settings.number(Setting.VALUES_KEPT),
                (long) settings.number(Setting.VALUES_MB) << 20),
            clock);
  }

  @Override
  public String name() {
    return "value-owner";
  }

  @Override
  public void start() {
    OwnedPartitions own =
        new OwnedPartitions(
            GROUP,
            context.clients(),
            ConsumerGroup.VALUES.topics(),
            MemberName.of(settings.path(Setting.DATA_DIR).resolve(GROUP), GROUP),
            partition -> new ValuePartition(context, partition));
    partitions = own;
    own.start();
  }

  @Override
  public void awaitReady(Duration patience) {
    if (partitions == null) {
      throw new IllegalStateException("the owner of values was not started");
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
