package dev.nexus.standalone.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.nexus.embedded.EmbeddedStartException;
import dev.nexus.embedded.LoopbackPorts;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.host.OperatorKey;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    Eventually.holds(
        () ->
            assertThat(answer(platform, "/health", "").body())
                .as("asks every service")
                .contains("\"services\"")
                .contains("\"unhealthy\":[]"));
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
    Eventually.holds(() -> assertThat(platform.services().unhealthy()).isEmpty());
  }

  @Test
  void shouldRefuseADirectoryThatIsInUse() {
    assertThatThrownBy(() -> Platform.start(settings("first", Map.of()), Progress.silent()))
        .isInstanceOf(EmbeddedStartException.class)
        .hasMessageContaining("in use by process " + ProcessHandle.current().pid());
    assertThat(RunFile.read(platform.dataDirectory())).isPresent();
  }

  @ParameterizedTest
  @CsvSource({"HTTP, NEXUS_HTTP_PORT", "gRPC, NEXUS_GRPC_PORT"})
  void shouldRefuseAPortThatIsTaken(String what, String variable) throws Exception {
    // Given
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      // Then
      assertThat(refusal(Map.of(variable, port)))
          .isEqualTo(
              what
                  + " port "
                  + port
                  + " is in use: stop what uses it, or set "
                  + variable
                  + " to another port (0 takes a free one)");
    }
  }

  @Test
  void shouldSayWhatToDoWhenARedisIsNotThere() throws Exception {
    try (Socket taken = silent()) {
      int port = taken.getLocalPort();
      assertThat(refusal(Map.of("NEXUS_REDIS_URL", "redis://:secret@127.0.0.1:" + port)))
          .isEqualTo(
              "no Redis answers at 127.0.0.1:"
                  + port
                  + ": start it, or correct NEXUS_REDIS_URL (unset starts an embedded one)");
    }
    assertThat(refusal(Map.of("NEXUS_REDIS_URL", "localhost")))
        .startsWith("NEXUS_REDIS_URL: expected a URL such as redis://localhost:6379");
  }

  @Test
  void shouldSayWhatToDoWhenBrokersAreNotThere() throws Exception {
    try (Socket taken = silent()) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      assertThat(refusal(Map.of("NEXUS_KAFKA_BOOTSTRAP_SERVERS", address)))
          .startsWith("no Kafka broker answers at " + address)
          .contains("correct NEXUS_KAFKA_BOOTSTRAP_SERVERS");
    }
  }

  /// Has a port on which nobody listens, so that nobody else takes it.
  private static Socket silent() throws IOException {
    Socket taken = new Socket();
    taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return taken;
  }

  @Test
  void shouldRefuseTheEmbeddedBrokerOfAnotherPlatform() throws Exception {
    String address = platform.addresses().kafka();
    assertThat(
            refusal(
                Map.of(
                    "NEXUS_KAFKA_BOOTSTRAP_SERVERS",
                    address,
                    "NEXUS_KAFKA_TOPIC_PREFIX",
                    "other-")))
        .isEqualTo(
            "the broker at "
                + address
                + " is embedded in another Nexus, and no second one can share it: use that Nexus,"
                + " or set NEXUS_KAFKA_BOOTSTRAP_SERVERS to a Kafka cluster (unset starts an"
                + " embedded broker)");
    assertThat(status(platform, "/health", "")).isEqualTo(200);
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
      Eventually.holds(() -> assertThat(platform.services().unhealthy()).isEmpty());
      assertThat(status(platform, "/v1/executions", "")).isEqualTo(401);
      assertThat(status(platform, "/v1/executions", key)).isEqualTo(401);
      assertThat(status(again, "/v1/executions", key)).isEqualTo(200);
    }
    assertThat(RunFile.read(directory.resolve("neighbour"))).isEmpty();
  }

  @Test
  void shouldHaveItsBrokerStampRecordsOfTopicsThatWereBegunOtherwise() throws Exception {
    // Given
    Settings settings = settings("stamped", Map.of());
    var requests = new ConfigResource(ConfigResource.Type.TOPIC, Topic.REQUESTS.topicName());
    try (Platform before = Platform.start(settings, Progress.silent());
        Admin admin = new KafkaClients(before.settings()).admin()) {
      var producers = new ConfigEntry("message.timestamp.type", "CreateTime");
      var operation = new AlterConfigOp(producers, AlterConfigOp.OpType.SET);
      admin.incrementalAlterConfigs(Map.of(requests, List.of(operation))).all().get();
    }
    // When
    try (Platform again = Platform.start(settings, Progress.silent());
        Admin admin = new KafkaClients(again.settings()).admin()) {
      // Then
      Eventually.holds(
          () ->
              assertThat(admin.describeConfigs(List.of(requests)).all().get().get(requests))
                  .extracting(found -> found.get("message.timestamp.type").value())
                  .isEqualTo("LogAppendTime"));
    }
  }

  @Test
  void shouldRefuseAChosenPortOfTheBrokerThatIsTaken() {
    String taken = portOf(platform.addresses().kafka());
    assertThat(refusal(Map.of("NEXUS_KAFKA_PORT", taken)))
        .isEqualTo(
            "Kafka port "
                + taken
                + " is in use: stop what uses it, or set NEXUS_KAFKA_PORT to another port (0 takes"
                + " a free one)");
  }

  @Test
  void shouldSayWhereTheBrokerIsWhenThePortThatNobodyChoseIsTaken() throws Exception {
    // Given
    String usual = Setting.KAFKA_PORT.defaultValue();
    Map<String, String> environment = environment("moved", Map.of());
    environment.remove("NEXUS_KAFKA_PORT");
    List<String> said = new CopyOnWriteArrayList<>();
    try (ServerSocket taken = new ServerSocket()) {
      take(taken, Integer.parseInt(usual));

      // When
      try (Platform moved = Platform.start(Settings.of(environment), new Progress(said::add))) {
        // Then
        assertThat(said)
            .contains(
                "Kafka port "
                    + usual
                    + " is in use, the broker took "
                    + portOf(moved.addresses().kafka())
                    + " (NEXUS_KAFKA_PORT chooses one)");
      }
    }
  }

  /// Takes a port that somebody else on this machine may have, which does as well.
  private static void take(ServerSocket socket, int port) throws IOException {
    try {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (BindException e) {
      assertThat(LoopbackPorts.isFree(port)).isFalse();
    }
  }

  private static String portOf(String address) {
    return address.replaceAll(".*:", "");
  }

  /// The one line with which a platform of these settings does not start.
  private static String refusal(Map<String, String> more) {
    var refused =
        catchThrowableOfType(
            EmbeddedStartException.class,
            () -> Platform.start(settings("refused", more), Progress.silent()));
    assertThat(refused).isNotNull();
    return String.valueOf(refused.getMessage());
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
    return Settings.of(environment(name, more));
  }

  private static Map<String, String> environment(String name, Map<String, String> more) {
    Map<String, String> environment = new HashMap<>();
    environment.put("NEXUS_DATA_DIR", directory.resolve(name).toString());
    environment.put("NEXUS_HTTP_PORT", "0");
    environment.put("NEXUS_GRPC_PORT", "0");
    environment.put("NEXUS_KAFKA_PORT", "0");
    environment.putAll(more);
    return environment;
  }
}
