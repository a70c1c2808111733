package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class EventProducerTest {

  @Test
  void shouldSayThatTheLogTakesNothingWhenNoBrokerAnswers() {
    // Given
    var nobody = Map.of("bootstrap.servers", "127.0.0.1:1", "max.block.ms", "200");
    try (var producer = new EventProducer(new KafkaClients(nobody, ""), "alone")) {
      // Then
      assertThatThrownBy(
              () -> producer.append(new ProducerRecord<>("nexus.requests", "k", new byte[] {1})))
          .isInstanceOf(RequestNotAcceptedException.class)
          .hasMessageContaining("nexus.requests");
    }
  }
}
