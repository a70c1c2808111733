package dev.nexus.command.intake;

import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Puts events on `nexus.ingress`, where integrations that speak Kafka put theirs themselves: in
/// binary form, with every attribute and extension as a header.
public final class IngressWriter implements IngressLog {
  private final KafkaClients clients;
  private final EventProducer producer;

  public IngressWriter(KafkaClients clients, EventProducer producer) {
    this.clients = clients;
    this.producer = producer;
  }

  @Override
  public CompletableFuture<Void> write(CloudEvent event) {
    ProducerRecord<String, byte[]> record =
        KafkaMessageFactory.<String>createWriter(
                clients.name(Topic.INGRESS), null, null, event.getSource() + "/" + event.getId())
            .writeBinary(event);
    return producer.send(record);
  }
}
