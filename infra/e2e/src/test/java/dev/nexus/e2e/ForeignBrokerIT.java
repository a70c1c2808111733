package dev.nexus.e2e;

import static dev.nexus.e2e.Commands.HELLO;
import static dev.nexus.e2e.Commands.findings;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/// Nexus on a Kafka that others have set up: a broker of an image, in a network of its own, with
/// Kafka's defaults instead of what the embedded one is told.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class ForeignBrokerIT {
  private static final String STAND_IN = "nexus-offline/kafka";

  /// The official one can be named where a registry is reached:
  /// `-Dnexus.kafka.image=apache/kafka:4.3.1`.
  private static final String IMAGE = System.getProperty("nexus.kafka.image", STAND_IN);

  /// On a machine that does much else; a minute otherwise.
  private static final Duration STARTED_WITHIN = Duration.ofMinutes(5);

  private static KafkaContainer kafka;

  @RegisterExtension final OwnPlatform platform = new OwnPlatform();

  private final Commands commands = platform.commands();

  @BeforeAll
  static void startBroker() throws Exception {
    if (IMAGE.equals(STAND_IN)) {
      ComposedPlatform.buildImages();
    }
    kafka =
        new KafkaContainer(DockerImageName.parse(IMAGE).asCompatibleSubstituteFor("apache/kafka"))
            // Kafka's defaults want three brokers.
            .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "1")
            .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "1")
            .withStartupTimeout(STARTED_WITHIN);
    kafka.start();
  }

  @AfterAll
  static void endBroker() {
    if (kafka != null) {
      kafka.stop();
    }
  }

  private static Map<String, String> shell(String prefix) {
    return Map.of(
        "NEXUS_KAFKA_BOOTSTRAP_SERVERS",
        kafka.getBootstrapServers(),
        "NEXUS_KAFKA_TOPIC_PREFIX",
        prefix,
        "NEXUS_REPLICATION",
        "1");
  }

  private Map<String, String> verdicts(String prefix) {
    return Commands.verdicts(commands.run(shell(prefix), "doctor", "--json").json());
  }

  @Test
  void shouldSayWhatIsThereAndWhatIsNot() {
    // When, as a broker that begins may be too slow for doctor
    Map<String, JsonNode> found =
        Eventually.value(
            () -> findings(commands.run(shell("none."), "doctor", "--json")),
            told -> told.containsKey("sessions"),
            "the broker answers");

    // Then
    assertThat(found.get("kafka").path("detail").asText()).isEqualTo("1 broker answers");
    assertThat(found.get("kafka version").path("verdict").asText()).isEqualTo("good");
    assertThat(found.get("share groups").path("verdict").asText()).isEqualTo("good");
    assertThat(found.get("transactions").path("verdict").asText()).isEqualTo("good");
    assertThat(found.get("topics").path("verdict").asText()).isEqualTo("broken");
    assertThat(found.get("sessions").path("verdict").asText()).isEqualTo("doubtful");
    assertThat(found.get("sessions").path("mend").asText())
        .contains("group.share.record.lock.duration.ms=5000");
  }

  @Test
  void shouldWorkThereAndGoOnWhenTheBrokerHasHung() {
    // Given
    commands.up(shell("own."));
    assertThat(commands.run("apply", HELLO).code()).isZero();
    String first = commands.invoke("30s", "before").path("executionId").asText();
    Eventually.holds(
        () ->
            assertThat(verdicts("own."))
                .containsEntry("topics", "good")
                .containsEntry("kafka", "good"));

    // When its processes stand still, which the network does not show
    var docker = kafka.getDockerClient();
    docker.pauseContainerCmd(kafka.getContainerId()).exec();
    try {
      Eventually.holds(() -> assertThat(verdicts("own.")).containsEntry("kafka", "broken"));
    } finally {
      docker.unpauseContainerCmd(kafka.getContainerId()).exec();
    }

    // Then
    Eventually.holds(
        () ->
            assertThat(commands.invoke("30s", "after").path("executionId").asText())
                .isNotEqualTo(first));
    Eventually.holds(
        () ->
            assertThat(commands.invoke("30s", "before").path("executionId").asText())
                .isEqualTo(first));
    Eventually.holds(commands::assertVerified);
    Eventually.holds(() -> assertThat(verdicts("own.")).containsEntry("kafka", "good"));
  }
}
