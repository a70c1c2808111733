package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.TcpRelay;
import dev.nexus.topic.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RecordLookupIT {
  private static final int MANY = 8;

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private TopicPartition partition() {
    return new TopicPartition(broker.clients().name(Topic.ROUTES), 0);
  }

  @Test
  void shouldReadWhatIsThereAndSayWhatIsNot() {
    // Given
    try (EventProducer producer = new EventProducer(broker.clients(), "test");
        RecordLookup lookup = new RecordLookup(broker.clients(), "test")) {
      producer.send(new ProducerRecord<>(partition().topic(), 0, "key", new byte[] {7})).join();

      // Then
      assertThat(lookup.kept(partition(), 0)).hasValue(new byte[] {7});
      assertThat(lookup.kept(partition(), 1)).isEmpty();
    }
  }

  @Test
  void shouldLetNobodyWaitForTheSilenceThatEachOfTheOthersMeets() throws Exception {
    // Given
    int port = Integer.parseInt(broker.bootstrapServers().split(":")[1]);
    List<Throwable> failures = new ArrayList<>();
    try (TcpRelay road = TcpRelay.to(port);
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      road.silence();
      KafkaClients silent = broker.clients(Map.of("bootstrap.servers", "127.0.0.1:" + road.port()));
      try (RecordLookup lookup = new RecordLookup(silent, "test")) {
        // When
        List<Future<Throwable>> asking = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
          asking.add(callers.submit(() -> catchThrowable(() -> lookup.kept(partition(), 0))));
        }
        for (Future<Throwable> caller : asking) {
          failures.add(caller.get());
        }
      }
    }

    // Then
    assertThat(failures).hasOnlyElementsOfType(TimeoutException.class);
    assertThat(failures).anySatisfy(e -> assertThat(e).hasMessageContaining("other questions"));
  }

  @Test
  void shouldAskNothingAfterItsEnd() {
    // Given
    RecordLookup lookup = new RecordLookup(broker.clients(), "test");
    lookup.close();

    // Then
    assertThatThrownBy(() -> lookup.kept(partition(), 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }
}
