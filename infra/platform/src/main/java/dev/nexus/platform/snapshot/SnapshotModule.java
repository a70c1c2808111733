package dev.nexus.platform.snapshot;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;

/// The beans of snapshots, once a process.
@Factory
@Requires(beans = KafkaClients.class)
public final class SnapshotModule {

  @Singleton
  @Bean(preDestroy = "close")
  Snapshots snapshots(
      KafkaClients clients,
      EventProducer producer,
      DeadLetters deadLetters,
      Settings settings,
      InstanceId instance,
      Clock clock) {
    return follow(clients, producer, deadLetters, settings, instance.value(), clock);
  }

  /// Begins to follow the snapshots of the installation that the settings describe.
  public static Snapshots follow(
      KafkaClients clients,
      EventProducer producer,
      DeadLetters deadLetters,
      Settings settings,
      String instance,
      Clock clock) {
    var store = new SnapshotStore(directory(settings));
    return new Snapshots(clients, producer, deadLetters, store, instance, clock).start();
  }

  /// Where the installation keeps its snapshots.
  public static Path directory(Settings settings) {
    return settings.isSet(Setting.SNAPSHOT_DIR)
        ? settings.path(Setting.SNAPSHOT_DIR)
        : settings.sharedDirectory().resolve("snapshots");
  }
}
