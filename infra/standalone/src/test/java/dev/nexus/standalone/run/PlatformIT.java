package dev.nexus.standalone.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.embedded.EmbeddedStartException;
import dev.nexus.platform.config.Settings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlatformIT {
  @TempDir static Path directory;
  private static Platform platform;

  @BeforeAll
  static void startOnce() {
    platform = Platform.start(settings("first", Map.of()), Progress.silent());
  }

  @AfterAll
  static void stop() {
    platform.close();
  }

  @Test
  void shouldAskForAKey() throws Exception {
    assertThat(status(platform, "/v1/executions", "")).isEqualTo(401);
  }

  @Test
  void shouldTellItsHealthToThisMachineWithoutAKey() throws Exception {
    assertThat(status(platform, "/health", "")).isEqualTo(200);
    assertThat(answer(platform, "/health", "").body())
        .as("asks every service")
        .contains("\"services\"")
        .contains("\"unhealthy\":[]");
  }

  @Test
  void shouldWriteAnOperatorKeyForItsOwnerOnly() throws Exception {
    // When
    Path file = platform.dataDirectory().resolve("cli.key");
    // Then
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(OperatorKey.read(platform.dataDirectory()).orElseThrow()).startsWith("nxs_live_");
  }

  @Test
  void shouldSayInItsRunFileWhereItAnswers() {
    // When
    RunFile run = RunFile.read(platform.dataDirectory()).orElseThrow();
    // Then
    assertThat(run.addresses()).isEqualTo(platform.addresses());
    assertThat(run.process()).hasValue(ProcessHandle.current());
  }

  @Test
  void shouldHaveOnlyHealthyServices() {
    assertThat(platform.services().services()).isNotEmpty();
    assertThat(platform.services().unhealthy()).isEmpty();
  }

  @Test
  void shouldRefuseADirectoryThatIsInUse() {
    assertThatThrownBy(() -> Platform.start(settings("first", Map.of()), Progress.silent()))
        .isInstanceOf(EmbeddedStartException.class)
        .hasMessageContaining("in use by process " + ProcessHandle.current().pid());
    assertThat(RunFile.read(platform.dataDirectory())).isPresent();
  }

  @Test
  void shouldRefuseAnHttpPortThatIsTaken() throws Exception {
    // Given
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      // Then
      assertThatThrownBy(
              () ->
                  Platform.start(
                      settings("second", Map.of("NEXUS_HTTP_PORT", port)), Progress.silent()))
          .isInstanceOf(EmbeddedStartException.class)
          .hasMessage(
              "HTTP port "
                  + port
                  + " is in use: stop what uses it, or set NEXUS_HTTP_PORT to another port"
                  + " (0 takes a free one)");
    }
  }

  @Test
  void shouldLeaveANeighbourAloneWhenItRestarts() throws Exception {
    // Given
    Settings settings = settings("neighbour", Map.of());
    String key;
    try (Platform neighbour = Platform.start(settings, Progress.silent())) {
      key = OperatorKey.read(neighbour.dataDirectory()).orElseThrow();
      assertThat(neighbour.addresses()).isNotEqualTo(platform.addresses());
    }
    // When
    try (Platform again = Platform.start(settings, Progress.silent())) {
      // Then
      assertThat(OperatorKey.read(again.dataDirectory())).hasValue(key);
      assertThat(platform.services().unhealthy()).isEmpty();
      assertThat(status(platform, "/v1/executions", "")).isEqualTo(401);
      assertThat(status(platform, "/v1/executions", key)).isEqualTo(401);
      assertThat(status(again, "/v1/executions", key)).isEqualTo(200);
    }
    assertThat(RunFile.read(directory.resolve("neighbour"))).isEmpty();
  }

  private static int status(Platform platform, String path, String key) throws Exception {
    return answer(platform, path, key).statusCode();
  }

  private static HttpResponse<String> answer(Platform platform, String path, String key)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(platform.addresses().http() + path));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }

  private static Settings settings(String name, Map<String, String> more) {
    Map<String, String> environment = new HashMap<>();
    environment.put("NEXUS_DATA_DIR", directory.resolve(name).toString());
    environment.put("NEXUS_HTTP_PORT", "0");
    environment.put("NEXUS_GRPC_PORT", "0");
    environment.put("NEXUS_KAFKA_PORT", "0");
    environment.putAll(more);
    return Settings.of(environment);
  }
}
