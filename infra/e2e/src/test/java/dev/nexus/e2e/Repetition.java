package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Writes some records of a topic again, each to its partition, in another order.
final class Repetition implements AutoCloseable {
  private static final int MOST = 1_000;

  private final KafkaClients clients;
  private final Random random;
  private final KafkaProducer<String, byte[]> producer;

  Repetition(KafkaClients clients, Random random) {
    this.clients = clients;
    this.random = random;
    this.producer = clients.producer("repetition");
  }

  /// There must be some.
  void of(Topic topic) {
    List<ConsumerRecord<String, byte[]>> records =
        new ArrayList<>(new TopicReader(clients).records(topic));
    assertThat(records).as("records of %s, to repeat", topic).isNotEmpty();
    Collections.shuffle(records, random);
    records.stream()
        .limit(MOST)
        .forEach(
            record ->
                producer.send(
                    new ProducerRecord<>(
                        record.topic(),
                        record.partition(),
                        record.timestamp(),
                        record.key(),
                        record.value(),
                        record.headers())));
    producer.flush();
  }

  @Override
  public void close() {
    producer.close();
  }
}
