package dev.nexus.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
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
    long from = System.nanoTime();
    try (EmbeddedBroker broker = EmbeddedBroker.start(log, 0)) {
      System.out.println("restart ms " + (System.nanoTime() - from) / 1_000_000);
      // Then
      assertThat(BrokerProbe.read(broker.bootstrapServers(), 1000)).hasSize(1000);
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
}
