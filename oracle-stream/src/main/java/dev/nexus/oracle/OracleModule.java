package dev.nexus.oracle;

import dev.nexus.oracle.topology.OracleService;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.MemberName;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import jakarta.inject.Singleton;
import java.time.Clock;

/// What the oracle contributes to a process.
@Factory
public final class OracleModule {

  /// The host starts it and closes it.
  @Singleton
  @Bean
  OracleService oracle(
      KafkaClients clients,
      DefinitionCatalog catalog,
      EventProducer producer,
      Payloads payloads,
      Snapshots snapshots,
      Clock clock,
      Settings settings) {
    return new OracleService(
        clients,
        catalog,
        new DeadLetters(producer, "oracle", clock),
        payloads,
        snapshots,
        settings.duration(Setting.SNAPSHOT_EVERY),
        clock,
        MemberName.of(settings.path(Setting.DATA_DIR).resolve("oracle"), "oracle"));
  }
}
