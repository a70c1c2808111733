package dev.nexus.platform.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.platform.admission.DiskLimits.Measured;
import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskRoomIT {
  @TempDir Path directory;

  private static final DiskLimits MORE_THAN_ANY_DISK = new DiskLimits(Long.MAX_VALUE / 2, 0);
  private static final DiskLimits ANY = new DiskLimits(0, 0);
  private static final DiskLimits A_MEBIBYTE = new DiskLimits(1 << 20, 0);

  /// A disk of its own, with no room at all.
  private static final Path NO_ROOM = Path.of("/proc/self");

  private static final KafkaClients ABSENT =
      new KafkaClients(
          Map.of(
              "bootstrap.servers", "127.0.0.1:1",
              "request.timeout.ms", "300",
              "default.api.timeout.ms", "300"),
          "");

  private static KafkaClients clients(EmbeddedBroker broker) {
    return new KafkaClients(
        Map.of(
            "bootstrap.servers", broker.bootstrapServers(),
            "request.timeout.ms", "3000",
            "default.api.timeout.ms", "3000"),
        "");
  }

  @Test
  void shouldJudgeWhatIsHereWhereTheBrokersDoNotTell() {
    // Given brokers that are not there
    try (var full = new DiskRoom(ABSENT, List.of(directory), MORE_THAN_ANY_DISK);
        var empty = new DiskRoom(ABSENT, List.of(directory), ANY)) {
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
  void shouldFollowAShortageHereThatComesAndGoesWhereTheBrokersDoNotTell() throws Exception {
    // Given brokers that are not there
    useDisk(directory);
    try (var room = new DiskRoom(ABSENT, List.of(data()), A_MEBIBYTE)) {
      room.start();
      for (int times = 0; times < 2; times++) {
        // When
        useDisk(NO_ROOM);

        // Then
        Eventually.holds(
            () ->
                assertThat(room.shortage()).get().asString().contains(data() + " has 0 MiB free"));

        // When
        useDisk(directory);

        // Then
        Eventually.holds(() -> assertThat(room.shortage()).isEmpty());
      }
    }
  }

  /// What was short here is no shortage of brokers, and is not kept for one when they are gone.
  @Test
  void shouldForgetAShortageHereWhoseEndTheBrokersDidNotSee() throws Exception {
    // Given
    useDisk(NO_ROOM);
    var broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
    var meters = new SimpleMeterRegistry();
    try (broker;
        var room = new DiskRoom(clients(broker), List.of(data()), A_MEBIBYTE)) {
      room.tellTo(meters);
      room.start();
      Eventually.holds(() -> assertThat(log(meters)).isNotNaN());
      Eventually.holds(
          () -> assertThat(room.shortage()).get().asString().contains(data().toString()));

      // When
      broker.close();

      // Then
      Eventually.holds(() -> assertThat(log(meters)).isNaN());
      assertThat(room.shortage()).get().asString().contains(data().toString());

      // When
      useDisk(directory);

      // Then
      Eventually.holds(() -> assertThat(room.shortage()).isEmpty());
    }
  }

  /// The one ends where it can be seen, the other where nobody tells of it.
  @Test
  void shouldLeaveAShortageOfBrokersThatNoLongerTellWhenTheOneHereEnds() {
    // Given disks without room here and at the broker
    var here = new AtomicReference<>(new Measured("here", 0, OptionalLong.empty()));
    var broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
    var meters = new SimpleMeterRegistry();
    try (broker;
        var room = new DiskRoom(clients(broker), here::get, MORE_THAN_ANY_DISK)) {
      room.tellTo(meters);
      room.start();
      Eventually.holds(() -> assertThat(log(meters)).isNotNaN());
      assertThat(room.shortage()).get().asString().startsWith("here has");
      broker.close();
      Eventually.holds(() -> assertThat(log(meters)).isNaN());

      // When
      here.set(new Measured("here", Long.MAX_VALUE, OptionalLong.empty()));

      // Then
      Eventually.holds(
          () -> assertThat(room.shortage()).get().asString().startsWith("the broker's"));
    }
  }

  /// A directory that is on another disk from one moment to the next.
  private Path data() {
    return directory.resolve("data");
  }

  private void useDisk(Path place) throws IOException {
    assumeThat(NO_ROOM).as("a system that has it").exists();
    Path next = directory.resolve("next");
    Files.createSymbolicLink(next, place);
    Files.move(next, data(), StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void shouldLeaveAShortageOfBrokersThatNoLongerTell() throws Exception {
    // Given a log that is larger than it may be
    var broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
    var clients = clients(broker);
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
