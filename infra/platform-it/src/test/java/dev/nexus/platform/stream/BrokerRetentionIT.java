package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.embedded.EmbeddedBroker;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a broker deletes by itself, on one that looks for it all the time.
class BrokerRetentionIT {
  private static final Duration SOME_LOOKS = Duration.ofSeconds(2);
  private static final long IN_A_YEAR = Duration.ofDays(365).toMillis();
  private static final long LONG_AGO = 1;

  @TempDir Path directory;
  private EmbeddedBroker broker;
  private KafkaClients clients;

  @BeforeEach
  void begin() {
    broker =
        EmbeddedBroker.startWith(
            directory.resolve("kafka"),
            Map.of("log.retention.check.interval.ms", "200", "log.initial.task.delay.ms", "200"));
    clients = new KafkaClients(Map.of("bootstrap.servers", broker.bootstrapServers()), "");
    new TopicTable(clients, Profile.EMBEDDED, false).create();
  }

  @AfterEach
  void end() {
    broker.close();
  }

  private void write(Topic topic, long time) throws Exception {
    try (var producer = clients.producer("odd-clock")) {
      producer.send(new ProducerRecord<>(clients.name(topic), 0, time, "k", new byte[] {1})).get();
    }
  }

  private void keep(Topic topic, Duration time) throws Exception {
    try (Admin admin = clients.admin()) {
      var resource = new ConfigResource(ConfigResource.Type.TOPIC, clients.name(topic));
      var kept = new ConfigEntry("retention.ms", Long.toString(time.toMillis()));
      var operation = new AlterConfigOp(kept, OpType.SET);
      admin.incrementalAlterConfigs(Map.of(resource, List.of(operation))).all().get();
    }
  }

  private long begin(Topic topic) {
    var partition = new TopicPartition(clients.name(topic), 0);
    try (var consumer = clients.assignedConsumer("broker-retention-it")) {
      return consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, -1L);
    }
  }

  @Test
  void shouldDeleteByWhenItTookARecordAndNotByWhatAClockFarOffSaid() throws Exception {
    // Given
    write(Topic.OUTCOMES, LONG_AGO);
    write(Topic.REQUESTS, System.currentTimeMillis() + IN_A_YEAR);
    write(Topic.REQUESTS, System.currentTimeMillis());

    // When
    keep(Topic.REQUESTS, Duration.ofSeconds(1));

    // Then
    Eventually.holds(() -> assertThat(begin(Topic.REQUESTS)).isEqualTo(2));
    Eventually.stays(SOME_LOOKS, () -> assertThat(begin(Topic.OUTCOMES)).isZero());
  }
}
