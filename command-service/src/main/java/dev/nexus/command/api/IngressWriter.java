package dev.nexus.command.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.command.access.Integration;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Puts deliveries on `nexus.ingress`, where integrations that speak Kafka put theirs themselves.
final class IngressWriter {
  private final KafkaClients clients;
  private final EventProducer producer;
  private final Clock clock;

  IngressWriter(KafkaClients clients, EventProducer producer, Clock clock) {
    this.clients = clients;
    this.producer = producer;
    this.clock = clock;
  }

  /// Returns when the log has the event; throws `RequestNotAcceptedException` when it does not take
  /// it.
  void append(Integration integration, String id, String type, JsonNode data) {
    CloudEvent event =
        CloudEventBuilder.v1()
            .withId(id)
            .withSource(URI.create(integration.source()))
            .withType(type)
            .withTime(OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
            .withData("application/json", data.toString().getBytes(StandardCharsets.UTF_8))
            .build();
    ProducerRecord<String, byte[]> record =
        KafkaMessageFactory.<String>createWriter(
                clients.name(Topic.INGRESS), null, null, integration.source() + "/" + id)
            .writeBinary(event);
    producer.append(record);
  }
}
