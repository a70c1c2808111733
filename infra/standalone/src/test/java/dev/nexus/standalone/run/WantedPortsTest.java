package dev.nexus.standalone.run;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.embedded.EmbeddedStartException;
import dev.nexus.platform.config.Settings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who has the ports that a start wants.
class WantedPortsTest {
  @TempDir Path directory;

  private Path demonstration;

  @BeforeEach
  void makeTheDirectoryOfADemonstration() throws Exception {
    demonstration = Files.createTempDirectory(Neighbour.DEMONSTRATION);
  }

  @AfterEach
  void deleteIt() throws Exception {
    RunFile.delete(demonstration);
    Files.delete(demonstration);
  }

  private Settings settings(int http, int grpc) {
    return Settings.of(
        Map.of(
            "NEXUS_DATA_DIR", directory.toString(),
            "NEXUS_HTTP_PORT", String.valueOf(http),
            "NEXUS_GRPC_PORT", String.valueOf(grpc)));
  }

  private static ServerSocket taken() throws Exception {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  private void isOfTheDemonstration(ServerSocket http, ServerSocket grpc) {
    var addresses =
        new Addresses(
            "http://127.0.0.1:" + http.getLocalPort(),
            "127.0.0.1:" + grpc.getLocalPort(),
            "127.0.0.1:2",
            "",
            true,
            7);
    RunFile.ofThisProcess("i", Instant.now(), addresses, settings(0, 0)).write(demonstration);
  }

  @Test
  void shouldNameADemonstrationWithAllOfItsPortsAndHowToEndIt() throws Exception {
    try (ServerSocket http = taken();
        ServerSocket grpc = taken()) {
      // Given
      isOfTheDemonstration(http, grpc);

      // Then
      assertThatThrownBy(
              () -> WantedPorts.requireFree(settings(http.getLocalPort(), grpc.getLocalPort())))
          .isInstanceOf(EmbeddedStartException.class)
          .hasMessage(
              "HTTP port %d and gRPC port %d are those of the demonstration on %s: end it with"
                  + " ./nexus down --data %s, or set NEXUS_HTTP_PORT and NEXUS_GRPC_PORT to other"
                  + " ports (0 takes free ones)",
              http.getLocalPort(), grpc.getLocalPort(), demonstration, demonstration);
      assertThatThrownBy(() -> WantedPorts.requireFree(settings(0, grpc.getLocalPort())))
          .hasMessage(
              "gRPC port %d is that of the demonstration on %s: end it with ./nexus down --data %s,"
                  + " or set NEXUS_GRPC_PORT to another port (0 takes a free one)",
              grpc.getLocalPort(), demonstration, demonstration);
    }
  }

  @Test
  void shouldRefuseABrokersPortOnlyWhereItWasChosen() throws Exception {
    try (ServerSocket kafka = taken()) {
      // Given
      Map<String, String> chosen =
          Map.of(
              "NEXUS_DATA_DIR",
              directory.toString(),
              "NEXUS_HTTP_PORT",
              "0",
              "NEXUS_GRPC_PORT",
              "0",
              "NEXUS_KAFKA_PORT",
              String.valueOf(kafka.getLocalPort()));
      Map<String, String> unused = new HashMap<>(chosen);
      unused.put("NEXUS_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");

      // Then
      assertThatThrownBy(() -> WantedPorts.requireFree(Settings.of(chosen)))
          .isInstanceOf(EmbeddedStartException.class)
          .hasMessage(
              "Kafka port %d is in use: stop what uses it, or set NEXUS_KAFKA_PORT to another port"
                  + " (0 takes a free one)",
              kafka.getLocalPort());
      assertThatCode(() -> WantedPorts.requireFree(Settings.of(unused)))
          .as("no broker is started here")
          .doesNotThrowAnyException();
    }
  }

  @Test
  void shouldNotTakeAStrangerForADemonstration() throws Exception {
    try (ServerSocket http = taken();
        ServerSocket grpc = taken();
        ServerSocket strange = taken()) {
      // Given
      isOfTheDemonstration(http, grpc);

      // Then
      assertThatThrownBy(
              () -> WantedPorts.requireFree(settings(strange.getLocalPort(), grpc.getLocalPort())))
          .hasMessage(
              "HTTP port %d is in use: stop what uses it, or set NEXUS_HTTP_PORT to another port (0"
                  + " takes a free one)",
              strange.getLocalPort());
      assertThatCode(() -> WantedPorts.requireFree(settings(0, 0))).doesNotThrowAnyException();
    }
  }
}
