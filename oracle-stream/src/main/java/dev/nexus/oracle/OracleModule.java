package dev.nexus.oracle;

import dev.nexus.oracle.topology.OracleService;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;

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
      Clock clock,
      Settings settings) {
    return new OracleService(
        clients,
        catalog,
        new DeadLetters(producer, "oracle", clock),
        clock,
        memberName(settings.path(Setting.DATA_DIR).resolve("oracle")));
  }

  /// The name this data directory's oracle keeps over restarts.
  private static String memberName(Path directory) {
    Path file = directory.resolve("member");
    try {
      Files.createDirectories(directory);
      if (Files.notExists(file)) {
        Files.writeString(file, "oracle-" + UUID.randomUUID());
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot name the oracle in " + file, e);
    }
  }
}
