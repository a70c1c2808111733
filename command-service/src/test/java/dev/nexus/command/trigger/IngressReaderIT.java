package dev.nexus.command.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.access.Integrations;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class IngressReaderIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();
  @TempDir Path data;

  private final Clock clock = Clock.systemUTC();
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
    try (var backlog = new Backlog(BROKER.clients(), 1_000);
        var reader = reader(hasty, backlog)) {
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

  /// Nobody decides at first, so what was let in stands there.
  @Test
  void shouldLeaveEventsOnTheTopicWhileThoseLetInAreNotDecided() throws Exception {
    try (var backlog = new Backlog(BROKER.clients(), 5);
        var reader = reader(BROKER.clients(), backlog)) {
      reader.start();
      int sent = 0;
      while (!reader.throttled()) {
        send("early-" + sent++);
        int expected = sent;
        Eventually.holds(() -> assertThat(reader.throttled() || accepted() == expected).isTrue());
      }

      // When
      long before = accepted();
      for (int i = 0; i < 50; i++) {
        send("late-" + i);
      }

      // Then: it is still a member, and takes nothing
      Eventually.holds(() -> assertThat(members()).isEqualTo(1));
      assertThat(accepted()).isEqualTo(before);

      // When: somebody decides
      long all = sent + 50L;
      try (var catalog =
              new DefinitionCatalog(BROKER.clients(), "trigger-test", deadLetters).start();
          var dispatcher = dispatcher(catalog)) {
        dispatcher.start();

        // Then: nothing was dropped
        Eventually.holds(() -> assertThat(accepted()).isEqualTo(all));
        Eventually.holds(() -> assertThat(verdicts()).isEqualTo(all));
        Eventually.holds(() -> assertThat(reader.throttled()).isFalse());
      }
    }
  }

  private IngressReader reader(KafkaClients clients, Backlog backlog) {
    var parts =
        new IngressReader.Parts(
            clients, producer, deadLetters, integrations, Definitions.payloads(data), backlog);
    return new IngressReader(parts, new InstanceId("trigger-test"), clock);
  }

  private Dispatcher dispatcher(DefinitionCatalog catalog) {
    var parts =
        new Dispatcher.Parts(
            BROKER.clients(),
            deadLetters,
            integrations,
            catalog,
            new SchemaChecks(),
            Definitions.payloads(data));
    return new Dispatcher(parts, BROKER.settings(Map.of()).with(Setting.DATA_DIR, data.toString()));
  }

  /// All on one partition of `nexus.ingress`, whatever partition they come to afterwards.
  private void send(String id) {
    var record =
        new ProducerRecord<>(
            BROKER.clients().name(Topic.INGRESS), 0, id, "{}".getBytes(StandardCharsets.UTF_8));
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

  private static long verdicts() {
    return BROKER.read(Topic.EVENTS, IngressEvent.class).stream()
        .filter(e -> !(e.body() instanceof EventAccepted))
        .count();
  }

  private static int members() throws InterruptedException, ExecutionException {
    String group = BROKER.clients().group("trigger");
    try (Admin admin = BROKER.clients().admin()) {
      return admin
          .describeConsumerGroups(List.of(group))
          .describedGroups()
          .get(group)
          .get()
          .members()
          .size();
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
