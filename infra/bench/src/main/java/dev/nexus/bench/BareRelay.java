package dev.nexus.bench;

import dev.nexus.bench.EventLoad.Road;
import dev.nexus.platform.stream.KafkaClients;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/// The floor of an outside event: a record that is synced, read, and written again in a transaction
/// to a topic that is synced too, by plain clients that look at nothing.
final class BareRelay implements AutoCloseable {
  private static final String IN = "bench.events";
  private static final String OUT = "bench.decided";

  /// The way through this one.
  static final Road ROAD = new Road(IN, OUT, _ -> true);

  /// Records of a transaction at most, as a dispatcher has them.
  private static final int AT_ONCE = 200;

  private static final String CLIENT = "bench-floor";

  private final KafkaClients clients;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final Thread thread;

  BareRelay(KafkaClients clients) throws ExecutionException, InterruptedException {
    this.clients = clients;
    try (Admin admin = clients.admin()) {
      admin.createTopics(Stream.of(IN, OUT).map(BareRelay::synced).toList()).all().get();
    }
    thread = Thread.ofPlatform().start(this::relay);
  }

  /// With one partition, as topics of an embedded broker have.
  private static NewTopic synced(String name) {
    return new NewTopic(name, 1, (short) 1).configs(Map.of("flush.messages", "1"));
  }

  private void relay() {
    try (KafkaConsumer<String, byte[]> consumer = clients.assignedConsumer(CLIENT, AT_ONCE);
        KafkaProducer<String, byte[]> producer = clients.transactionalProducer(CLIENT)) {
      consumer.assign(List.of(new TopicPartition(IN, 0)));
      producer.initTransactions();
      while (!closing.get()) {
        ConsumerRecords<String, byte[]> records = consumer.poll(Duration.ofMillis(100));
        if (!records.isEmpty()) {
          producer.beginTransaction();
          for (ConsumerRecord<String, byte[]> one : records) {
            producer.send(new ProducerRecord<>(OUT, 0, one.key(), one.value(), one.headers()));
          }
          producer.commitTransaction();
        }
      }
    }
  }

  @Override
  public void close() throws InterruptedException {
    closing.set(true);
    thread.join();
  }
}
