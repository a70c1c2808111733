package dev.nexus.command.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.access.Integrations;
import dev.nexus.event.Event;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.admission.BacklogView;
import dev.nexus.platform.admission.BacklogView.Behind;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IngressReaderIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();
  @TempDir Path data;

  private static final int LIMIT = 20;

  private final Clock clock = Clock.systemUTC();
  /// Its reports do not age, however long a test takes.
  private final BacklogView backlog = new BacklogView(LIMIT, () -> 0);

  private final AtomicReference<Optional<String>> shortage =
      new AtomicReference<>(Optional.empty());
  private EventProducer producer;
  private DeadLetters deadLetters;
  private Integrations integrations;

  @BeforeEach
  void begin() {
    producer = new EventProducer(BROKER.clients(), "test");
    deadLetters = new DeadLetters(producer, "trigger", clock);
    integrations = new Integrations(BROKER.clients(), producer, deadLetters, clock);
    integrations.start();
    integrations.register(Definitions.SHOP, "key:test");
  }

  @AfterEach
  void end() {
    integrations.close();
    producer.close();
  }

  @Test
  void shouldReadOnWhenPositionsCannotBeCommitted() {
    // Given: a commit that takes longer than a millisecond fails
    String topic = BROKER.clients().name(Topic.INGRESS);
    var hasty =
        new KafkaClients(
            Map.of("bootstrap.servers", BROKER.bootstrapServers(), "default.api.timeout.ms", "1"),
            topic.substring(0, topic.length() - Topic.INGRESS.topicName().length()));
    try (var reader = reader(hasty)) {
      reader.start();

      for (String name : new String[] {"first", "second", "third"}) {
        // When
        byte[] noise = name.getBytes(StandardCharsets.UTF_8);
        producer.send(new ProducerRecord<>(topic, name, noise)).join();

        // Then
        Eventually.holds(() -> assertThat(putAside(name)).isTrue());
      }
      Eventually.holds(() -> assertThat(reader.healthy()).isTrue());
    }
  }

  /// Why new work is refused.
  private enum Reason {
    BACKLOG {
      @Override
      void begin(IngressReaderIT test) {
        test.backlog.take("router/-1", new Behind("router", LIMIT + 1));
      }

      @Override
      void end(IngressReaderIT test) {
        test.backlog.take("router/-1", new Behind("router", LIMIT));
      }
    },
    FULL_DISK {
      @Override
      void begin(IngressReaderIT test) {
        test.shortage.set(Optional.of("/data has 3 MiB free"));
      }

      @Override
      void end(IngressReaderIT test) {
        test.shortage.set(Optional.empty());
      }
    };

    abstract void begin(IngressReaderIT test);

    abstract void end(IngressReaderIT test);
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void shouldLeaveEventsOnTheTopicWhileNewWorkIsRefused(Reason reason) throws Exception {
    // Given
    long before = accepted();
    reason.begin(this);
    try (var reader = reader(BROKER.clients())) {
      reader.start();
      Eventually.holds(() -> assertThat(reader.throttled()).isTrue());

      // When
      for (int i = 0; i < 15; i++) {
        send(reason + "-" + i);
      }

      // Then: it is a member that takes nothing
      Eventually.holds(() -> assertThat(members()).isEqualTo(1));
      Eventually.stays(Duration.ofSeconds(1), () -> assertThat(accepted()).isEqualTo(before));

      // When
      reason.end(this);

      // Then: nothing was dropped
      Eventually.holds(() -> assertThat(accepted()).isEqualTo(before + 15));
      assertThat(reader.throttled()).isFalse();
    }
  }

  @Test
  void shouldHoldBackOnlyThePartitionOfAnEventThatTheDiskDoesNotTake() throws Exception {
    // Given a file where the directory of large contents has to be
    Path payloads = data.resolve("payloads");
    Files.writeString(payloads, "no directory");
    try (var reader = reader(BROKER.clients())) {
      reader.start();

      // When
      send(0, "held-before", "{}");
      send(0, "held-large", "{\"text\": \"" + "x".repeat(300 << 10) + "\"}");
      send(0, "held-behind", "{}");
      for (int i = 0; i < 3; i++) {
        send(1, "held-neighbour-" + i, "{}");
      }

      // Then
      Eventually.holds(
          () ->
              assertThat(letIn("held-"))
                  .containsExactlyInAnyOrder(
                      "held-before", "held-neighbour-0", "held-neighbour-1", "held-neighbour-2"));
      Eventually.stays(Duration.ofSeconds(3), () -> assertThat(letIn("held-")).hasSize(4));
      send(1, "held-neighbour-3", "{}");
      Eventually.holds(() -> assertThat(letIn("held-")).contains("held-neighbour-3"));

      // When the directory can be written again
      Files.delete(payloads);

      // Then
      Eventually.holds(
          () ->
              assertThat(letIn("held-"))
                  .as("each once")
                  .contains("held-large", "held-behind")
                  .hasSize(7));
    }
  }

  /// Ids of the events that were let in, as often as they were, in the order of the log.
  private static List<String> letIn(String prefix) {
    return BROKER.read(Topic.EVENTS, IngressEvent.class).stream()
        .map(Event::body)
        .filter(EventAccepted.class::isInstance)
        .map(body -> ((EventAccepted) body).outside().sourceEventId())
        .filter(id -> id.startsWith(prefix))
        .toList();
  }

  @Test
  void shouldLetInNoMoreAtOnceThanPartsMayBeBehind() {
    // Given more events than that, and nobody who says how far behind they are
    long before = accepted();
    for (int i = 0; i < 3 * LIMIT; i++) {
      send("rush-" + i);
    }
    try (var reader = reader(BROKER.clients())) {
      long begun = System.nanoTime();

      // When
      reader.start();
      Eventually.holds(() -> assertThat(accepted()).isEqualTo(before + 3 * LIMIT));

      // Then: between the first and the last part of them backlogs could be reported twice
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofSeconds(4));
    }
  }

  private IngressReader reader(KafkaClients clients) {
    var settings = BROKER.settings(Map.of("NEXUS_BACKLOG_LIMIT", String.valueOf(LIMIT)));
    var parts =
        new IngressReader.Parts(
            clients,
            producer,
            deadLetters,
            integrations,
            Definitions.payloads(data),
            Admission.of(settings, backlog, shortage::get, new SimpleMeterRegistry()));
    return new IngressReader(parts, new InstanceId("trigger-test"), clock);
  }

  /// All on one partition of `nexus.ingress`, whatever partition they come to afterwards.
  private void send(String id) {
    send(0, id, "{}");
  }

  private void send(int partition, String id, String json) {
    var record =
        new ProducerRecord<>(
            BROKER.clients().name(Topic.INGRESS),
            partition,
            id,
            json.getBytes(StandardCharsets.UTF_8));
    Map.of(
            "ce_specversion", "1.0",
            "ce_source", "urn:shop",
            "ce_id", id,
            "ce_type", "com.example.ordered",
            "content-type", "application/json")
        .forEach(
            (name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
    producer.send(record).join();
  }

  private static long accepted() {
    return BROKER.read(Topic.EVENTS, IngressEvent.class).stream()
        .filter(e -> e.body() instanceof EventAccepted)
        .map(e -> e.envelope().eventId())
        .distinct()
        .count();
  }

  private static int members() throws InterruptedException, ExecutionException {
    String group = BROKER.clients().group(ConsumerGroup.TRIGGER.groupName());
    try (Admin admin = BROKER.clients().admin()) {
      return admin
          .describeConsumerGroups(List.of(group))
          .describedGroups()
          .get(group)
          .get()
          .members()
          .size();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return 0;
      }
      throw e;
    }
  }

  private static boolean putAside(String name) {
    return BROKER.read(Topic.DEAD_LETTERS, DeadLetterEvent.class).stream()
        .map(
            e ->
                StandardCharsets.UTF_8
                    .decode(((RecordDeadLettered) e.body()).originKey())
                    .toString())
        .anyMatch(name::equals);
  }
}
