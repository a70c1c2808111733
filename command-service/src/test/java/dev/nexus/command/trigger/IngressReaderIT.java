package dev.nexus.command.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.access.Integrations;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class IngressReaderIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();

  @Test
  void shouldReadOnWhenPositionsCannotBeCommitted() {
    // Given: a commit that takes longer than a millisecond fails
    KafkaClients clients = BROKER.clients();
    String topic = clients.name(Topic.INGRESS);
    var hasty =
        new KafkaClients(
            Map.of("bootstrap.servers", BROKER.bootstrapServers(), "default.api.timeout.ms", "1"),
            topic.substring(0, topic.length() - Topic.INGRESS.topicName().length()));
    Clock clock = Clock.systemUTC();
    try (var producer = new EventProducer(clients, "test")) {
      var deadLetters = new DeadLetters(producer, "trigger", clock);
      try (var catalog = new DefinitionCatalog(clients, "trigger-test", deadLetters).start();
          var integrations = new Integrations(clients, producer, deadLetters, clock)) {
        integrations.start();
        var parts =
            new IngressReader.Parts(
                hasty, producer, deadLetters, integrations, catalog, new SchemaChecks());
        try (var reader = new IngressReader(parts, new InstanceId("trigger-test"), clock)) {
          reader.start();

          for (String name : new String[] {"first", "second", "third"}) {
            // When
            byte[] noise = name.getBytes(StandardCharsets.UTF_8);
            producer.send(new ProducerRecord<>(topic, name, noise)).join();

            // Then
            Eventually.holds(() -> assertThat(putAside(name)).isTrue());
          }
          Eventually.holds(() -> assertThat(reader.healthy()).isTrue());
        }
      }
    }
  }

  private static boolean putAside(String name) {
    return BROKER.read(Topic.DEAD_LETTERS, DeadLetterEvent.class).stream()
        .map(
            e ->
                StandardCharsets.UTF_8
                    .decode(((RecordDeadLettered) e.body()).originKey())
                    .toString())
        .anyMatch(name::equals);
  }
}
