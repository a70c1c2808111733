package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.metric.MetricEvent;
import dev.nexus.event.metric.MetricEvent.BacklogMeasured;
import dev.nexus.event.task.Lane;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LogLagIT {
  private static final int RECORDS = 30;

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private Admin admin;
  private LogLag lag;

  @BeforeEach
  void ask() {
    admin = broker.clients().admin();
    lag = new LogLag(broker.clients(), admin);
  }

  @AfterEach
  void end() {
    admin.close();
  }

  @Test
  void shouldCountWhatAGroupIsNotDoneWith() throws Exception {
    // Given
    write(Topic.REQUESTS);
    write(Topic.OUTCOMES);
    List<Topic> topics = List.of(Topic.REQUESTS, Topic.OUTCOMES);
    var input = new TopicPartition(broker.clients().name(Topic.REQUESTS), 0);

    // Then: who never came has everything before it
    assertThat(lag.ofGroup("router", topics)).isEqualTo(2 * RECORDS);

    // When
    admin
        .alterConsumerGroupOffsets(
            broker.clients().group("router"), Map.of(input, new OffsetAndMetadata(10)))
        .all()
        .get();

    // Then
    assertThat(lag.ofGroup("router", topics)).isEqualTo(2 * RECORDS - 10);
    // And a member knows of itself what it has not told yet
    assertThat(lag.ofGroup("router", topics, () -> Map.of(input, 25L))).isEqualTo(2 * RECORDS - 25);
    assertThat(lag.ofGroup("router", topics, () -> Map.of(input, 5L))).isEqualTo(2 * RECORDS - 10);
  }

  @Test
  void shouldNotCountWhatIsDeletedOrNotCommitted() throws Exception {
    // Given
    write(Topic.REQUESTS);
    var input = new TopicPartition(broker.clients().name(Topic.REQUESTS), 0);
    admin.deleteRecords(Map.of(input, RecordsToDelete.beforeOffset(20))).all().get();
    try (var writer = broker.clients().transactionalProducer("open")) {
      writer.initTransactions();
      writer.beginTransaction();
      writer.send(new ProducerRecord<>(input.topic(), 0, "uncommitted", new byte[1]));
      writer.flush();

      // Then
      assertThat(lag.ofGroup("router", List.of(Topic.REQUESTS))).isEqualTo(RECORDS - 20);
    }
  }

  @Test
  void shouldReportTasksThatNobodyHasBegun() {
    // Given
    write(Topic.ofLane(Lane.CODE));
    var clients = broker.clients();
    try (var events = new BestEffortEvents(clients, "test", 100, BestEffortEvents.Account.NONE)) {
      var reports = new BacklogReports(events, "executor", 20, Clock.systemUTC(), System::nanoTime);

      // When
      var reporter =
          new LagReporter("lanes", clients, reports, LagReporter.ofLanes(List.of(Lane.CODE)));
      reporter.start();

      // Then
      var measured = broker.await(Topic.METRICS, MetricEvent.class, 1).getFirst().body();
      reporter.close();
      assertThat(measured).isEqualTo(new BacklogMeasured("lane-code", -1, RECORDS));
    }
  }

  @Test
  void shouldReportAboutOneReaderWhileItIsNotAnsweredAboutAnother() {
    // Given
    var answer = new CountDownLatch(1);
    var asked = new AtomicInteger();
    Map<String, LagReporter.Question> measures =
        Map.of(
            "slow",
            _ -> {
              answer.await();
              return 0;
            },
            "quick",
            _ -> asked.incrementAndGet());
    var clients = broker.clients();
    try (var events = new BestEffortEvents(clients, "side", 100, BestEffortEvents.Account.NONE)) {
      var reports = new BacklogReports(events, "test", 20, Clock.systemUTC(), System::nanoTime);

      // When
      try (var reporter = new LagReporter("side", clients, reports, measures)) {
        reporter.start();

        // Then
        Eventually.holds(() -> assertThat(asked).hasValueGreaterThan(2));
        answer.countDown();
      }
    }
  }

  @Test
  void shouldFailAndNotSayThatNothingWaitsWhenItIsNotAnswered() {
    // Given an installation whose topics are not there
    var foreign = new KafkaClients(Map.of("bootstrap.servers", broker.bootstrapServers()), "none.");

    // Then
    assertThatThrownBy(() -> new LogLag(foreign, admin).ofGroup("router", List.of(Topic.REQUESTS)))
        .isInstanceOf(ExecutionException.class);
  }

  @Test
  void shouldNotWaitLongForBrokersThatAreAway() throws Exception {
    // Given a port that nobody answers on
    try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var away =
            new KafkaClients(Map.of("bootstrap.servers", "127.0.0.1:" + silent.getLocalPort()), "")
                .impatientAdmin()) {
      long begun = System.nanoTime();
      // Then
      assertThatThrownBy(
              () -> new LogLag(broker.clients(), away).ofGroup("router", List.of(Topic.REQUESTS)))
          .isInstanceOf(ExecutionException.class);
      // Other clients wait for a minute.
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(40));
    }
  }

  private static void write(Topic topic) {
    try (var writer = broker.clients().producer("test")) {
      for (int i = 0; i < RECORDS; i++) {
        writer.send(new ProducerRecord<>(broker.clients().name(topic), 0, "k" + i, new byte[1]));
      }
      writer.flush();
    }
  }
}
