package dev.nexus.bench;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;

/// What it costs to write facts that are ready: records of the log, as bytes, written again to a
/// topic that is set as theirs is and that nobody reads, by a producer that is set as that of a
/// router on an embedded broker.
final class BareProducer {
  /// Records that are held and written over and over, some 10 MiB with their headers.
  private static final int HELD = 4_096;

  /// Written before it is measured: connections and compiled code are not what a fact costs.
  private static final int WARM_UP = 50_000;

  /// Bytes of a batch, as such a router has them.
  private static final int BATCH = 1 << 20;

  private static final String CLIENT = "bench-floor";
  private static final Duration POLL = Duration.ofMillis(100);

  private final KafkaClients clients;
  private final List<TopicPartition> partitions;
  private final List<ProducerRecord<String, byte[]>> facts;

  /// Takes the oldest facts of these partitions, of which at least one must have some.
  BareProducer(KafkaClients clients, List<TopicPartition> partitions) {
    this.clients = clients;
    this.partitions = partitions;
    this.facts = oldest(clients, partitions);
  }

  /// The topic that is written to.
  static String topic(KafkaClients clients) {
    return clients.name(Topic.EXECUTIONS) + "-floor";
  }

  private static List<ProducerRecord<String, byte[]>> oldest(
      KafkaClients clients, List<TopicPartition> partitions) {
    List<ProducerRecord<String, byte[]>> facts = new ArrayList<>();
    try (var consumer = clients.assignedConsumer(CLIENT, 1_000)) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long there =
          consumer.endOffsets(partitions).values().stream().mapToLong(Long::longValue).sum();
      if (there == 0) {
        throw new IllegalStateException("no facts to write again");
      }
      while (facts.size() < Math.min(HELD, there)) {
        consumer.poll(POLL).forEach(fact -> facts.add(copy(fact)));
      }
    }
    return facts;
  }

  /// Headers are taken over one by one: those of a consumer hold all that was fetched with them.
  private static ProducerRecord<String, byte[]> copy(ConsumerRecord<String, byte[]> fact) {
    ProducerRecord<String, byte[]> copy =
        new ProducerRecord<>(fact.topic(), fact.partition(), fact.key(), fact.value());
    fact.headers().forEach(header -> copy.headers().add(header.key(), header.value()));
    return copy;
  }

  /// Facts a second, from the first of so many until the broker has answered the last. The topic
  /// is there only meanwhile, so that runs do not add up on the disk.
  double perSecond(long count) throws ExecutionException, InterruptedException {
    String topic = topic(clients);
    create(topic);
    try (KafkaProducer<String, byte[]> producer = clients.batchingProducer(CLIENT, BATCH)) {
      write(producer, topic, Math.min(count, WARM_UP));
      long from = System.nanoTime();
      write(producer, topic, count);
      return ReadSide.perSecond(count, from);
    } finally {
      delete(topic);
    }
  }

  /// Returns when all of them are on the log.
  private void write(KafkaProducer<String, byte[]> producer, String topic, long count) {
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    for (long i = 0; i < count; i++) {
      ProducerRecord<String, byte[]> fact = facts.get(Math.toIntExact(i % facts.size()));
      producer.send(
          new ProducerRecord<>(topic, fact.partition(), fact.key(), fact.value(), fact.headers()),
          (_, e) -> {
            if (e != null) {
              failure.compareAndSet(null, e);
            }
          });
    }
    producer.flush();
    Exception e = failure.get();
    if (e != null) {
      throw new IllegalStateException("a write to " + topic + " failed", e);
    }
  }

  /// With the partitions and the settings of the topic of facts.
  private void create(String topic) throws ExecutionException, InterruptedException {
    var factsTopic = new ConfigResource(ConfigResource.Type.TOPIC, clients.name(Topic.EXECUTIONS));
    try (Admin admin = clients.admin()) {
      Map<String, String> settings =
          admin.describeConfigs(List.of(factsTopic)).all().get().values().stream()
              .flatMap(config -> config.entries().stream())
              .filter(entry -> entry.source() == ConfigSource.DYNAMIC_TOPIC_CONFIG)
              .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value));
      NewTopic floor = new NewTopic(topic, partitions.size(), (short) 1).configs(settings);
      admin.createTopics(List.of(floor)).all().get();
    }
  }

  private void delete(String topic) throws ExecutionException, InterruptedException {
    try (Admin admin = clients.admin()) {
      admin.deleteTopics(List.of(topic)).all().get();
    }
  }
}
