package dev.nexus.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.testkit.Eventually;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/// The floor of a producer: what it writes and where, not how fast.
class BareProducerIT {
  private static final int FACTS = 400;

  /// Of a measurement, and as many to warm up.
  private static final int EACH = 1_000;

  @Test
  void shouldWriteTheFactsOfTheLogAsTheyAreToATopicOfItsOwn() throws Exception {
    try (ReadSide side = new ReadSide();
        Admin admin = side.clients().admin()) {
      // Given
      side.preload("facts", FACTS);
      var meters = new SimpleMeterRegistry();
      side.clients().written().countIn(meters);
      String topic = BareProducer.topic(side.clients());

      // When
      double perSecond = new BareProducer(side.clients(), side.partitions()).perSecond(EACH);

      // Then
      assertThat(perSecond).isPositive();
      assertThat(side.length()).isEqualTo(FACTS);
      Map<String, Double> written = byType(meters, topic);
      assertThat(written.keySet())
          .isEqualTo(byType(meters, side.partitions().getFirst().topic()).keySet());
      assertThat(written.values().stream().mapToDouble(Double::doubleValue).sum())
          .isEqualTo(2 * EACH);
      Eventually.holds(() -> assertThat(admin.listTopics().names().get()).doesNotContain(topic));
    }
  }

  @Test
  void shouldMeasureAgainAfterItsTopicWasDeleted() throws Exception {
    try (ReadSide side = new ReadSide()) {
      // Given
      side.preload("facts", FACTS);
      var producer = new BareProducer(side.clients(), side.partitions());
      producer.perSecond(EACH);

      // When
      double again = producer.perSecond(EACH);

      // Then
      assertThat(again).isPositive();
    }
  }

  @Test
  void shouldSayThatALogWithoutFactsHasNone() throws Exception {
    try (ReadSide side = new ReadSide()) {
      assertThatThrownBy(() -> new BareProducer(side.clients(), side.partitions()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("no facts to write again");
    }
  }

  /// Events that were written to a topic, by the type that their headers say.
  private static Map<String, Double> byType(SimpleMeterRegistry meters, String topic) {
    return meters.find("nexus.events.written").tag("topic", topic).functionCounters().stream()
        .collect(
            Collectors.toMap(
                counter -> String.valueOf(counter.getId().getTag("type")), FunctionCounter::count));
  }
}
