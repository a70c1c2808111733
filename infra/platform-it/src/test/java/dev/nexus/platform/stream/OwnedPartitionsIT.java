package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.service.CannotGoOnException;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class OwnedPartitionsIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private static final int PARTITIONS = BrokerExtension.SPREAD.executionPartitions();

  private final List<String> processed = new CopyOnWriteArrayList<>();
  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicBoolean fails = new AtomicBoolean(true);
  private final AtomicBoolean sound = new AtomicBoolean(true);

  /// Reads its inputs from the beginning and does with them what the test wants.
  private record Work(
      Consumer<List<ConsumerRecord<String, byte[]>>> processing,
      Runnable passing,
      AtomicBoolean sound)
      implements PartitionWork {
    @Override
    public Map<TopicPartition, Long> recover() {
      return Map.of();
    }

    @Override
    public int process(List<ConsumerRecord<String, byte[]>> records) {
      processing.accept(records);
      return records.size();
    }

    @Override
    public void passTime() {
      passing.run();
    }

    @Override
    public boolean healthy() {
      return sound.get();
    }

    /// As of a clock that was set back after something had been planned by it.
    @Override
    public Duration untilDue() {
      return Duration.ofHours(1);
    }

    @Override
    public void close() {}
  }

  private OwnedPartitions partitions(
      KafkaClients clients, Consumer<List<ConsumerRecord<String, byte[]>>> processing) {
    return new OwnedPartitions(
        "owned",
        clients,
        List.of(Topic.REQUESTS, Topic.OUTCOMES),
        "",
        partition -> new Work(processing, looks::incrementAndGet, sound));
  }

  private void failOnce(List<ConsumerRecord<String, byte[]>> records) {
    if (fails.getAndSet(false)) {
      throw new StackOverflowError("of a test");
    }
    records.forEach(record -> processed.add(record.key()));
  }

  @Test
  void shouldRecoverAPartitionWhoseWorkEndedWithAnError() {
    // Given
    try (EventProducer producer = new EventProducer(broker.clients(), "test");
        OwnedPartitions owned = partitions(broker.clients(), this::failOnce)) {
      owned.start();
      owned.awaitReady(Duration.ofMinutes(2));
      // When
      producer
          .send(
              new ProducerRecord<>(broker.clients().name(Topic.REQUESTS), "asked", new byte[] {1}))
          .join();
      // Then
      Eventually.holds(() -> assertThat(processed).containsExactly("asked"));
      Eventually.holds(() -> assertThat(owned.healthy()).isTrue());
    }
  }

  /// As when nobody can look after what it has written.
  @Test
  void shouldBeUnhealthyAsLongAsAPartitionSaysSo() {
    // Given
    fails.set(false);
    try (EventProducer producer = new EventProducer(broker.clients(), "test");
        OwnedPartitions owned = partitions(broker.clients(), this::failOnce)) {
      owned.start();
      owned.awaitReady(Duration.ofMinutes(2));

      // When
      sound.set(false);

      // Then
      Eventually.holds(() -> assertThat(owned.healthy()).isFalse());
      producer
          .send(
              new ProducerRecord<>(broker.clients().name(Topic.REQUESTS), "asked", new byte[] {1}))
          .join();
      Eventually.holds(() -> assertThat(processed).as("works on").containsExactly("asked"));

      // When
      sound.set(true);

      // Then
      Eventually.holds(() -> assertThat(owned.healthy()).isTrue());
    }
  }

  @Test
  void shouldLookWhatIsDueHoweverFarOffTheClockSaysThatIs() {
    // When
    try (OwnedPartitions owned = partitions(broker.clients(), this::failOnce)) {
      owned.start();
      owned.awaitReady(Duration.ofMinutes(2));

      // Then
      Eventually.holds(() -> assertThat(looks).hasValueGreaterThan(2 * PARTITIONS));
    }
  }

  @Test
  void shouldTellThatNothingIsLeftBehindTheEndOfATransaction() throws Exception {
    // Given
    KafkaClients clients = broker.clients();
    var input = new TopicPartition(clients.name(Topic.REQUESTS), 0);
    fails.set(false);
    try (var producer = clients.transactionalProducer("told");
        OwnedPartitions owned = partitions(clients, this::failOnce);
        Admin admin = clients.admin()) {
      owned.start();
      owned.awaitReady(Duration.ofMinutes(2));
      // When
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(input.topic(), 0, "in a transaction", new byte[] {1}));
      producer.commitTransaction();
      // Then
      Eventually.holds(() -> assertThat(processed).contains("in a transaction"));
      Eventually.holds(
          () -> {
            var told = admin.listConsumerGroupOffsets(clients.group("owned"));
            var ends = admin.listOffsets(Map.of(input, OffsetSpec.latest()));
            assertThat(told.partitionsToOffsetAndMetadata().get().get(input))
                .extracting(OffsetAndMetadata::offset)
                .isEqualTo(ends.partitionResult(input).get().offset());
          });
    }
  }

  @Test
  void shouldCloseWhatWasNeverStarted() {
    // When
    OwnedPartitions owned = partitions(broker.clients(), this::failOnce);
    owned.close();
    // Then
    assertThat(owned.healthy()).isFalse();
  }

  @Test
  void shouldStayInItsGroupWhileSlowWorkHasMoreWaiting() throws Exception {
    // Given a group that gives a member up which has not polled for two seconds
    var impatient =
        new KafkaClients(broker.settings(Map.of("NEXUS_KAFKA_MAX_POLL_INTERVAL_MS", "2000")));
    CountDownLatch gate = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    Consumer<List<ConsumerRecord<String, byte[]>>> slow =
        records -> {
          begun.incrementAndGet();
          await(gate);
          records.forEach(record -> processed.add(record.key()));
        };
    try (EventProducer producer = new EventProducer(impatient, "test");
        OwnedPartitions owned = partitions(impatient, slow);
        Admin admin = impatient.admin()) {
      owned.start();
      owned.awaitReady(Duration.ofMinutes(2));
      sendToEach(producer, "first");
      Eventually.holds(() -> assertThat(begun).hasValue(PARTITIONS));

      // When
      sendToEach(producer, "second");

      // Then
      Eventually.stays(
          Duration.ofSeconds(4), () -> assertThat(members(admin, impatient)).isEqualTo(1));
      gate.countDown();
      for (String key : List.of("first", "second")) {
        Eventually.holds(
            () ->
                assertThat(processed)
                    .filteredOn(key::equals)
                    .hasSizeGreaterThanOrEqualTo(PARTITIONS));
      }
      Eventually.holds(() -> assertThat(owned.healthy()).isTrue());
    }
  }

  @Test
  void shouldStandStillWhileATopicHasOtherPartitionsThanBefore() throws Exception {
    // Given a reader that looks at its topics often
    KafkaClients watchful = watchful();
    String requests = watchful.name(Topic.REQUESTS);
    AtomicInteger begun = new AtomicInteger();
    fails.set(false);
    try (var owned = counted(watchful, begun);
        EventProducer producer = new EventProducer(watchful, "test");
        Admin admin = watchful.admin()) {
      owned.start();
      owned.awaitReady(Duration.ofMinutes(2));
      int before = begun.get();

      // When
      admin
          .createPartitions(Map.of(requests, NewPartitions.increaseTo(PARTITIONS + 1)))
          .all()
          .get();

      // Then
      Eventually.holds(() -> assertThat(owned.healthy()).isFalse());
      assertThatThrownBy(() -> owned.awaitReady(Duration.ofMinutes(2)))
          .isInstanceOf(CannotGoOnException.class)
          .hasMessageContaining("topic " + requests + " has 5 partitions, and had 4 when")
          .hasMessageEndingWith("create it anew with 4");
      assertThat(begun).as("no work is begun beside it").hasValue(before);

      // When it is as it was
      admin.deleteTopics(List.of(requests)).all().get();
      admin.createTopics(List.of(new NewTopic(requests, PARTITIONS, (short) 1))).all().get();

      // Then it goes on by itself
      Eventually.holds(() -> assertThat(owned.healthy()).isTrue());
      producer.send(new ProducerRecord<>(requests, "asked again", new byte[] {1})).join();
      Eventually.holds(() -> assertThat(processed).contains("asked again"));
    }
  }

  @Test
  void shouldNotBeginOnTopicsWithUnequalPartitions() throws Exception {
    // Given
    KafkaClients clients = watchful();
    String requests = clients.name(Topic.REQUESTS);
    AtomicInteger begun = new AtomicInteger();
    try (var owned = counted(clients, begun);
        Admin admin = clients.admin()) {
      admin
          .createPartitions(Map.of(requests, NewPartitions.increaseTo(PARTITIONS + 1)))
          .all()
          .get();
      Eventually.holds(
          () ->
              assertThat(admin.describeTopics(List.of(requests)).allTopicNames().get())
                  .hasEntrySatisfying(
                      requests, topic -> assertThat(topic.partitions()).hasSize(PARTITIONS + 1)));

      // When
      owned.start();

      // Then
      assertThatThrownBy(() -> owned.awaitReady(Duration.ofMinutes(2)))
          .isInstanceOf(CannotGoOnException.class)
          .hasMessageContaining(requests + "=5");
      assertThat(begun).hasValue(0);
      assertThat(owned.healthy()).isFalse();
    }
  }

  private static KafkaClients watchful() {
    return new KafkaClients(broker.settings(Map.of("NEXUS_KAFKA_METADATA_MAX_AGE_MS", "500")));
  }

  /// @param begun counts how often the work on a partition was begun
  private OwnedPartitions counted(KafkaClients clients, AtomicInteger begun) {
    return new OwnedPartitions(
        "owned",
        clients,
        List.of(Topic.REQUESTS, Topic.OUTCOMES),
        "",
        partition -> {
          begun.incrementAndGet();
          return new Work(this::failOnce, () -> {}, sound);
        });
  }

  private static void sendToEach(EventProducer producer, String key) {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      producer
          .send(
              new ProducerRecord<>(
                  broker.clients().name(Topic.REQUESTS), partition, key, new byte[] {1}))
          .join();
    }
  }

  private static int members(Admin admin, KafkaClients clients) throws Exception {
    String group = clients.group("owned");
    return admin.describeConsumerGroups(List.of(group)).all().get().get(group).members().size();
  }

  private static void await(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
