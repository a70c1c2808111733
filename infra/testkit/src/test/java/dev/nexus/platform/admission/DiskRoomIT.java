package dev.nexus.platform.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskRoomIT {
  @TempDir Path directory;

  private static final DiskLimits MORE_THAN_ANY_DISK = new DiskLimits(Long.MAX_VALUE / 2, 0);
  private static final DiskLimits ANY = new DiskLimits(0, 0);

  @Test
  void shouldJudgeWhatIsHereWhereTheBrokersDoNotTell() {
    // Given brokers that are not there
    var absent =
        new KafkaClients(
            Map.of(
                "bootstrap.servers", "127.0.0.1:1",
                "request.timeout.ms", "300",
                "default.api.timeout.ms", "300"),
            "");
    try (var full = new DiskRoom(absent, List.of(directory), MORE_THAN_ANY_DISK);
        var empty = new DiskRoom(absent, List.of(directory), ANY)) {
      // When
      full.start();
      empty.start();

      // Then
      Eventually.holds(
          () -> assertThat(full.shortage()).get().asString().contains(directory.toString()));
      assertThat(empty.shortage()).isEmpty();
    }
  }

  @Test
  void shouldLeaveAShortageOfBrokersThatNoLongerTell() throws Exception {
    // Given a log that is larger than it may be
    var broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
    var clients =
        new KafkaClients(
            Map.of(
                "bootstrap.servers", broker.bootstrapServers(),
                "request.timeout.ms", "3000",
                "default.api.timeout.ms", "3000"),
            "");
    var meters = new SimpleMeterRegistry();
    try (broker;
        var room = new DiskRoom(clients, List.of(directory), new DiskLimits(0, 1))) {
      new TopicTable(clients, Profile.EMBEDDED, false).create();
      try (var producer = clients.producer("filling")) {
        producer
            .send(new ProducerRecord<>(clients.name(Topic.METRICS), "key", new byte[100]))
            .get();
      }
      room.tellTo(meters);
      room.start();
      Eventually.holds(() -> assertThat(room.shortage()).get().asString().contains("the log has"));

      // When
      broker.close();

      // Then
      Eventually.holds(() -> assertThat(log(meters)).isNaN());
      assertThat(room.shortage()).get().asString().contains("the log has");
    }
  }

  /// What the room last knew of the log's size; no number when the brokers did not tell.
  private static double log(SimpleMeterRegistry meters) {
    return meters.getMeters().stream()
        .filter(Gauge.class::isInstance)
        .map(Gauge.class::cast)
        .filter(gauge -> Measure.LOG_SIZE.meaning().equals(gauge.getId().getDescription()))
        .findFirst()
        .orElseThrow()
        .value();
  }
}
