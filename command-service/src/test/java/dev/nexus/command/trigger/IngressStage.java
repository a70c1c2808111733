package dev.nexus.command.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.access.Integration;
import dev.nexus.command.access.Integrations;
import dev.nexus.event.Event;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.admission.BacklogView;
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
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/// A real broker with a registered source, readers of what it sends, and hands on what they go by.
final class IngressStage implements AutoCloseable {
  /// Records that a part may be behind.
  static final int LIMIT = 20;

  /// Characters of a record that shows how large one may be.
  private static final int PROBE = 100;

  private final BrokerExtension broker;
  private final Path data;
  private final Clock clock = Clock.systemUTC();

  /// Its reports do not age, however long a test takes.
  private final BacklogView backlog = new BacklogView(LIMIT, () -> 0);

  private final AtomicReference<Optional<String>> shortage =
      new AtomicReference<>(Optional.empty());
  private final EventProducer producer;
  private final DeadLetters deadLetters;
  private final Integrations integrations;

  /// @param data where large contents go
  IngressStage(BrokerExtension broker, Path data) {
    this.broker = broker;
    this.data = data;
    producer = new EventProducer(broker.clients(), "test");
    deadLetters = new DeadLetters(producer, "trigger", clock);
    integrations = new Integrations(broker.clients(), producer, deadLetters, clock);
    integrations.start();
    integrations.register(Definitions.SHOP, "key:test");
  }

  /// What another process hears of registrations by these clients.
  Integrations hearing(KafkaClients clients) {
    return new Integrations(clients, producer, deadLetters, clock);
  }

  void register(Integration integration) {
    integrations.register(integration, "key:test");
  }

  BacklogView backlog() {
    return backlog;
  }

  /// What the disk is said to lack, if anything.
  AtomicReference<Optional<String>> shortage() {
    return shortage;
  }

  IngressReader reader(KafkaClients clients) {
    return reader(clients, integrations);
  }

  /// A reader of another process, which hears of registrations by itself.
  IngressReader reader(KafkaClients clients, Integrations heard) {
    var settings = broker.settings(Map.of("NEXUS_BACKLOG_LIMIT", String.valueOf(LIMIT)));
    var parts =
        new IngressReader.Parts(
            clients,
            producer,
            deadLetters,
            heard,
            Definitions.payloads(data),
            Admission.of(settings, backlog, shortage::get, new SimpleMeterRegistry()));
    return new IngressReader(parts, new InstanceId("trigger-test"), clock);
  }

  /// Writes what is no event.
  void sendNoise(String key) {
    byte[] noise = key.getBytes(StandardCharsets.UTF_8);
    producer.send(new ProducerRecord<>(broker.clients().name(Topic.INGRESS), key, noise)).join();
  }

  /// The same, where `send` writes.
  void sendNoiseBeside(String key) {
    byte[] noise = key.getBytes(StandardCharsets.UTF_8);
    producer.send(new ProducerRecord<>(broker.clients().name(Topic.INGRESS), 0, key, noise)).join();
  }

  /// All on one partition of `nexus.ingress`, whatever partition they come to afterwards.
  void send(String id) {
    send(0, id, "{}");
  }

  void send(int partition, String id, String json) {
    send(partition, "urn:shop", id, json);
  }

  void send(int partition, String source, String id, String json) {
    var record =
        new ProducerRecord<>(
            broker.clients().name(Topic.INGRESS),
            partition,
            id,
            json.getBytes(StandardCharsets.UTF_8));
    Map.of(
            "ce_specversion", "1.0",
            "ce_source", source,
            "ce_id", id,
            "ce_type", "com.example.ordered",
            "content-type", "application/json")
        .forEach(
            (name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
    producer.send(record).join();
  }

  /// How many events were let in.
  long accepted() {
    return broker.read(Topic.EVENTS, IngressEvent.class).stream()
        .filter(e -> e.body() instanceof EventAccepted)
        .map(e -> e.envelope().eventId())
        .distinct()
        .count();
  }

  /// Ids of the events that were let in, as often as they were, in the order of the log.
  List<String> letIn(String prefix) {
    return broker.read(Topic.EVENTS, IngressEvent.class).stream()
        .map(Event::body)
        .filter(EventAccepted.class::isInstance)
        .map(body -> ((EventAccepted) body).outside().sourceEventId())
        .filter(id -> id.startsWith(prefix))
        .toList();
  }

  /// Readers there are.
  int members() throws InterruptedException, ExecutionException {
    String group = broker.clients().group(ConsumerGroup.TRIGGER.groupName());
    try (Admin admin = broker.clients().admin()) {
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

  /// Has the brokers forget readers that were killed, which they else do when their session is
  /// over.
  void forgetReaders() {
    String group = broker.clients().group(ConsumerGroup.TRIGGER.groupName());
    try (Admin admin = broker.clients().admin()) {
      Eventually.holds(
          () -> {
            if (members() > 0) {
              admin
                  .removeMembersFromConsumerGroup(
                      group, new RemoveMembersFromConsumerGroupOptions())
                  .all()
                  .get();
            }
            assertThat(members()).isZero();
          });
    }
  }

  /// Letters about records of the first partition that nobody could read: their offsets.
  List<Long> passedOver() {
    return broker.read(Topic.DEAD_LETTERS, DeadLetterEvent.class).stream()
        .map(e -> (RecordDeadLettered) e.body())
        .filter(letter -> letter.originPartition() == 0)
        .filter(letter -> letter.originHeaders().text().contains(DeadLetters.LEFT_OUT))
        .map(RecordDeadLettered::originOffset)
        .toList();
  }

  /// Whether the record with this key was put aside.
  boolean putAside(String name) {
    return timesPutAside(name) > 0;
  }

  /// How many dead letters the record with this key has.
  long timesPutAside(String name) {
    return reasons(name).size();
  }

  /// Why the record with this key was put aside, once for each dead letter.
  List<String> reasons(String name) {
    return broker.read(Topic.DEAD_LETTERS, DeadLetterEvent.class).stream()
        .map(e -> (RecordDeadLettered) e.body())
        .filter(letter -> StandardCharsets.UTF_8.decode(letter.originKey()).toString().equals(name))
        .map(RecordDeadLettered::reason)
        .toList();
  }

  /// Sets how large a record of `nexus.events` may be; gives how large it could be before. Returns
  /// when the broker goes by it, which it hears of from its controller a moment later.
  String limitEvents(String bytes) throws ExecutionException, InterruptedException {
    String limit = TopicConfig.MAX_MESSAGE_BYTES_CONFIG;
    String topic = broker.clients().name(Topic.EVENTS);
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (Admin admin = broker.clients().admin()) {
      String before =
          admin.describeConfigs(List.of(resource)).all().get().get(resource).get(limit).value();
      var set = new AlterConfigOp(new ConfigEntry(limit, bytes), AlterConfigOp.OpType.SET);
      admin.incrementalAlterConfigs(Map.of(resource, List.of(set))).all().get();
      boolean taken = Long.parseLong(bytes) > PROBE;
      Eventually.holds(() -> assertThat(takesProbe(topic)).isEqualTo(taken));
      return before;
    }
  }

  /// Readers of events pass a deletion over.
  private boolean takesProbe(String topic) {
    try {
      producer.send(new ProducerRecord<>(topic, 0, "x".repeat(PROBE), null)).join();
      return true;
    } catch (CompletionException e) {
      assertThat(e).hasCauseInstanceOf(RecordTooLargeException.class);
      return false;
    }
  }

  @Override
  public void close() {
    integrations.close();
    producer.close();
  }
}
