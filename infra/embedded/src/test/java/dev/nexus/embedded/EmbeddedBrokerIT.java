package dev.nexus.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {
  @TempDir Path directory;

  @Test
  void shouldKeepRecordsWhenRestarted() throws Exception {
    // Given
    Path log = directory.resolve("kafka");
    try (EmbeddedBroker broker = EmbeddedBroker.start(log, 0)) {
      BrokerProbe.createTopic(broker.bootstrapServers());
      BrokerProbe.write(broker.bootstrapServers(), 0, 1000);
    }
    // When
    try (EmbeddedBroker broker = EmbeddedBroker.start(log, 0)) {
      // Then
      assertThat(BrokerProbe.read(broker.bootstrapServers(), 1000)).hasSize(1000);
    }
  }

  @Test
  void shouldKeepAcknowledgedRecordsWhenKilled() throws Exception {
    // Given
    Path log = directory.resolve("kafka");
    int acknowledged;
    try (ChildJvm victim = ChildJvm.run(BrokerVictim.class, log.toString())) {
      victim.await("acknowledged 500");
      acknowledged = Integer.parseInt(victim.await("acknowledged "));
      victim.kill();
    }
    // When
    try (EmbeddedBroker broker = EmbeddedBroker.start(log, 0)) {
      // Then
      assertThat(BrokerProbe.read(broker.bootstrapServers(), acknowledged))
          .hasSizeGreaterThanOrEqualTo(acknowledged);
    }
  }

  @Test
  void shouldTakeNextFreePortWhenWantedOneIsTaken() throws Exception {
    // Given
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        // When
        EmbeddedBroker broker =
            EmbeddedBroker.start(directory.resolve("kafka"), taken.getLocalPort())) {
      // Then
      assertThat(broker.port()).isGreaterThan(taken.getLocalPort());
    }
  }

  @Test
  void shouldRefuseDirectoryThatIsNoBrokers() throws Exception {
    // Given
    Path log = directory.resolve("photos");
    Files.createDirectories(log);
    Files.writeString(log.resolve("cat.txt"), "meow");
    // Then
    assertThatThrownBy(() -> EmbeddedBroker.start(log, 0))
        .isInstanceOf(EmbeddedStartException.class)
        .hasMessageContaining("photos")
        .hasMessageContaining("NEXUS_DATA_DIR");
    assertThat(log.resolve("cat.txt")).exists();
  }
}
