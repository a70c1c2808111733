package dev.nexus.standalone.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.standalone.log.TopicReading.From;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A topic of one partition on a broker of the test's own, which may end.
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class TopicReadingIT {
  private static final long NOON = Instant.parse("2026-11-01T12:00:00Z").toEpochMilli();

  @TempDir Path directory;
  private EmbeddedBroker broker;
  private KafkaClients clients;
  private Admin admin;

  @BeforeEach
  void begin() throws Exception {
    broker = EmbeddedBroker.start(directory, 0);
    clients = new KafkaClients(Map.of("bootstrap.servers", broker.bootstrapServers()), "");
    admin = clients.impatientAdmin();
    try (Admin patient = clients.admin()) {
      patient
          .createTopics(List.of(new NewTopic(clients.name(Topic.INGRESS), 1, (short) 1)))
          .all()
          .get();
    }
  }

  @AfterEach
  void end() {
    admin.close(Duration.ZERO);
    broker.close();
  }

  private void write(long at, String... keys) throws Exception {
    try (var writer = clients.producer("test")) {
      for (String key : keys) {
        writer
            .send(new ProducerRecord<>(clients.name(Topic.INGRESS), 0, at, key, new byte[1]))
            .get();
      }
    }
  }

  private TopicReading reading(From from, Duration patience) throws Exception {
    return TopicReading.of(clients, admin, Topic.INGRESS, from, "test", patience);
  }

  private List<String> keys(From from) throws Exception {
    List<String> keys = new ArrayList<>();
    try (TopicReading reading = reading(from, TopicReading.PATIENCE)) {
      reading.toTheEnd(record -> keys.add(record.key()), (_, _) -> {});
    }
    return keys;
  }

  @Test
  void shouldGiveWhatWasThereAndThenWhatFollowsEachOnce() throws Exception {
    // Given
    write(NOON, "a", "b", "c");
    List<String> there = new ArrayList<>();
    List<String> later = new ArrayList<>();
    try (TopicReading reading = reading(new From.Beginning(), TopicReading.PATIENCE)) {
      // When more comes before it is read
      write(NOON, "d", "e");
      reading.toTheEnd(record -> there.add(record.key()), (_, _) -> {});
      reading.follow(record -> later.add(record.key()), () -> later.size() < 2);
    }

    // Then
    assertThat(there).containsExactly("a", "b", "c");
    assertThat(later).containsExactly("d", "e");
  }

  @Test
  void shouldBeginWhereItIsAskedTo() throws Exception {
    // Given
    write(NOON, "a", "b");
    write(NOON + 1_000, "c", "d", "e", "f");

    // Then
    assertThat(keys(new From.Beginning())).containsExactly("a", "b", "c", "d", "e", "f");
    assertThat(keys(new From.Newest(2))).containsExactly("c", "d", "e", "f");
    assertThat(keys(new From.Time(Instant.ofEpochMilli(NOON + 1)))).startsWith("c").hasSize(4);
    assertThat(keys(new From.Time(Instant.ofEpochMilli(NOON + 2_000)))).isEmpty();
  }

  @Test
  void shouldGiveUpOnALogThatGivesNothing() throws Exception {
    // Given
    write(NOON, "a", "b");
    try (TopicReading reading = reading(new From.Beginning(), Duration.ofMillis(300))) {
      // When
      broker.close();

      // Then
      assertThatThrownBy(() -> reading.toTheEnd(_ -> {}, (_, _) -> {}))
          .isInstanceOf(LogSilentException.class)
          .hasMessageStartingWith("the log has not given a record for ")
          .hasMessageContaining("0 of 2 were read");
    }
  }
}
