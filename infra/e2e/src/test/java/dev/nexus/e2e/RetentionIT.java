package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.rebuild.Verifier;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.FaultReport;
import dev.nexus.testkit.Seeds;
import dev.nexus.topic.Topic;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A platform that keeps facts for a minute, or for seconds where time is short: what is older than
/// the log still ends, is still shown, and can still be rebuilt.
class RetentionIT {
  private static final Duration KEPT = Seeds.SOAK ? Duration.ofMinutes(1) : Duration.ofSeconds(8);

  private static final Duration PATIENCE = KEPT.plusMinutes(2);
  private static final String ECHO = "/v1/apps/lab/components/echo/invoke";
  private static final int FINISHED = 200;

  @RegisterExtension
  static final PlatformExtension platform =
      PlatformExtension.ofClass(
          Map.of("NEXUS_FACTS_KEPT", KEPT.toSeconds() + "s", "NEXUS_SNAPSHOT_EVERY", "1s"));

  @BeforeAll
  static void publish() {
    platform.apply("lab");
  }

  @Test
  void shouldFinishShowAndRebuildWhatIsOlderThanTheLog() throws IOException {
    FaultReport report = new FaultReport("RetentionIT");

    // Given executions that have ended, and one whose work nobody begins
    String ended = "";
    for (int i = 0; i < FINISHED; i++) {
      ended = id(platform.post(ECHO + "?wait=10s", "{\"n\": " + i + "}").body());
    }
    platform.platform().services().services().stream()
        .filter(service -> service.name().startsWith("lane-"))
        .forEach(NexusService::close);
    String open = id(platform.post(ECHO + "?wait=0s", "{\"n\": \"open\"}").body());
    long behind = end();

    // When the log no longer has any fact of theirs
    List<String> later = new ArrayList<>();
    Eventually.value(
        PATIENCE,
        () -> {
          later.add(id(platform.post(ECHO + "?wait=0s", "{\"n\": 1}").body()));
          return begin();
        },
        begin -> begin >= behind,
        "facts older than " + KEPT + " deleted");

    // and everything that was made of them is gone but the snapshots
    Instant wiped = Instant.now();
    wipeRedis();
    Path shelves = platform.platform().dataDirectory().resolve("router");
    platform.restart(() -> delete(shelves));
    Instant started = Instant.now();

    // Then
    String last = ended;
    Eventually.holds(PATIENCE, () -> assertThat(shown(last)).isEqualTo("SUCCEEDED"));
    for (String id : Stream.concat(Stream.of(open), later.stream()).toList()) {
      Eventually.holds(PATIENCE, () -> assertThat(shown(id)).isEqualTo("SUCCEEDED"));
    }
    Instant whole = Instant.now();
    var verification = platform.platform().context().getBean(Verifier.class).verify(PATIENCE);
    assertThat(verification.differences()).isEmpty();
    assertThat(verification.notCompared()).isEmpty();
    assertThat(begin()).isGreaterThanOrEqualTo(behind);
    report.add(
        "shelf and Redis lost, facts deleted",
        Duration.ZERO,
        "shown, and what was open done, after "
            + FaultReport.seconds(Duration.between(wiped, whole))
            + ", of which its start took "
            + FaultReport.seconds(Duration.between(wiped, started)));
  }

  private static String id(String answer) {
    return CanonicalJson.read(answer).path("executionId").asText();
  }

  private static String shown(String execution) {
    return PlatformExtension.json(platform.get("/v1/executions/" + execution), 200)
        .path("status")
        .asText();
  }

  private static long begin() {
    return offset(true);
  }

  private static long end() {
    return offset(false);
  }

  private static long offset(boolean oldest) {
    var clients = new KafkaClients(platform.platform().settings());
    var facts = new TopicPartition(clients.name(Topic.EXECUTIONS), 0);
    try (var consumer = clients.assignedConsumer("retention-it")) {
      return (oldest
              ? consumer.beginningOffsets(List.of(facts))
              : consumer.endOffsets(List.of(facts)))
          .getOrDefault(facts, -1L);
    }
  }

  private static void wipeRedis() {
    try (var connection = platform.platform().context().getBean(RedisClient.class).connect()) {
      connection.sync().flushall();
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
