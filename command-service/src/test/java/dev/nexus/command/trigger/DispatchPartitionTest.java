package dev.nexus.command.trigger;

import static dev.nexus.command.trigger.Definitions.ordering;
import static dev.nexus.command.trigger.Definitions.trigger;
import static dev.nexus.command.trigger.Definitions.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.access.Integration;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.DefinitionEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.Outside;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.LineRequested;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.NotReadInTimeException;
import dev.nexus.platform.stream.RecordSink;
import dev.nexus.platform.stream.TopicFollower;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Without brokers: what is written is kept here.
class DispatchPartitionTest {
  private static final EventCodec<RequestEvent> REQUESTS =
      EventCodec.of(Topic.REQUESTS, RequestEvent.class);
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Instant DAYS_LATER = NOON.plus(Duration.ofDays(3));

  /// Starts a component that is given a minute, in a line.
  private static final Version CURRENT =
      version("orders", "digest", ordering(trigger("t", "*", "keep"), "event.subject"));

  @TempDir Path directory;

  private final KafkaClients clients =
      new KafkaClients(Map.of("bootstrap.servers", "localhost:1"), "");
  private final List<ProducerRecord<String, byte[]>> written = new ArrayList<>();
  private final LateViews views = new LateViews();
  private EventProducer producer;
  private DispatchPartition partition;

  @BeforeEach
  void begin() {
    producer = new EventProducer(clients, "test");
    partition =
        new DispatchPartition(
            new DispatchContext(
                clients,
                _ -> new KeepingSink(),
                new EventDecider(views, new SchemaChecks(), Definitions.payloads(directory)),
                new DeadLetters(producer, "test", Clock.systemUTC()),
                100),
            0);
  }

  @AfterEach
  void end() {
    partition.close();
    producer.close();
  }

  @Test
  void shouldAskAtTheTimeOfTheEvent() throws Exception {
    // When
    partition.process(List.of(record(DAYS_LATER, new RecordHeaders())));

    // Then
    assertThat(times()).containsExactly(NOON, NOON, NOON);
  }

  /// By its own time the execution would be over before it began.
  @Test
  void shouldAskAtTheTimeWhenAnEventThatWasPutAsideIsWrittenAgain() throws Exception {
    // Given
    Headers replayed =
        new RecordHeaders()
            .add(EventRecords.REPLAY_OF, "nexus.events-0@7".getBytes(StandardCharsets.UTF_8));

    // When
    partition.process(List.of(record(DAYS_LATER, replayed)));

    // Then
    assertThat(times()).containsExactly(DAYS_LATER, DAYS_LATER, DAYS_LATER);
  }

  /// A part of it may have been refused before.
  @Test
  void shouldAskForTheSameExecutionWhenAnEventThatStartedSomethingIsReplayed() throws Exception {
    // Given
    Headers replayed =
        new RecordHeaders()
            .add(EventRecords.REPLAY_OF, "nexus.events-0@7".getBytes(StandardCharsets.UTF_8));
    partition.process(List.of(record("o-1", 7, NOON, new RecordHeaders())));
    partition.process(List.of(record("o-1", 8, NOON, new RecordHeaders())));
    List<String> once = requested();

    // When
    partition.process(List.of(record("o-1", 9, NOON, replayed)));

    // Then
    assertThat(once).hasSize(2);
    assertThat(requested()).hasSize(4).containsOnlyElementsOf(once);
  }

  /// Keys of the requests, in order.
  private List<String> requested() {
    return written.stream()
        .filter(record -> record.topic().equals(clients.name(Topic.REQUESTS)))
        .map(ProducerRecord::key)
        .toList();
  }

  @Test
  void shouldStartWhatWasAppliedElsewhereBeforeTheEvent() throws Exception {
    // Given
    views.known = List.of();
    views.there = List.of(CURRENT);

    // When
    int done = partition.process(List.of(record(DAYS_LATER, new RecordHeaders())));

    // Then
    assertThat(done).isEqualTo(1);
    assertThat(times()).hasSize(3);
  }

  @Test
  void shouldAskOnceForAllEventsThatCameTogetherWhetherSomethingIsNew() {
    // Given
    views.known = List.of();
    views.there = List.of();

    // When
    partition.process(List.of(record("o-1"), record("o-2"), record("o-3")));
    partition.process(List.of(record("o-4"), record("o-5")));

    // Then
    assertThat(views.asked).isEqualTo(2);
    assertThat(written).hasSize(5);
  }

  @Test
  void shouldHoldAnEventBackWhileNobodyKnowsWhatItStarts() throws Exception {
    // Given
    List<ConsumerRecord<String, byte[]>> records = List.of(record("o-1"), record("o-2"));
    views.known = List.of();
    views.there = List.of(CURRENT);
    for (RuntimeException failure : List.of(notRead(), new TimeoutException("slow"))) {
      // When
      views.failure = failure;

      // Then
      assertThat(partition.process(records)).isZero();
      assertThat(written).isEmpty();
    }

    // When
    views.failure = null;

    // Then
    assertThat(partition.process(records)).isEqualTo(2);
    assertThat(times()).hasSize(6);
  }

  /// As the log gives it: a reader that was never started reads nothing.
  private RuntimeException notRead() {
    var codec = EventCodec.of(Topic.DEFINITIONS, DefinitionEvent.class);
    var deadLetters = new DeadLetters(producer, "test", Clock.systemUTC());
    try (var reader =
        new TopicFollower<>(clients, codec, "test", deadLetters, (_, _, _, _) -> {})) {
      reader.awaitCurrent(Duration.ZERO);
      throw new AssertionError("read without having been started");
    } catch (NotReadInTimeException e) {
      return e;
    }
  }

  /// Of the start, of the request for a place in the line, and since when it waits there.
  private List<Instant> times() throws Exception {
    List<Instant> times = new ArrayList<>();
    for (var record : written) {
      if (record.topic().equals(clients.name(Topic.REQUESTS))) {
        Event<RequestEvent> request = REQUESTS.decode(record.value());
        times.add(request.envelope().occurredAt());
        if (request.body() instanceof LineRequested place) {
          times.add(place.since());
        } else {
          assertThat(request.body()).isInstanceOf(InvokeRequested.class);
        }
      }
    }
    return times;
  }

  private ConsumerRecord<String, byte[]> record(Instant at, Headers headers) {
    return record("o-1", at, headers);
  }

  private ConsumerRecord<String, byte[]> record(String name) {
    return record(name, NOON, new RecordHeaders());
  }

  private ConsumerRecord<String, byte[]> record(String name, Instant at, Headers headers) {
    return record(name, 8, at, headers);
  }

  private ConsumerRecord<String, byte[]> record(
      String name, long offset, Instant at, Headers headers) {
    UUID id = Intake.eventId(Definitions.TENANT, "urn:shop", name);
    var envelope = Envelope.of(id, NOON, Definitions.TENANT, "orders", "integration:shop");
    var outside = new Outside("shop", "urn:shop", name, "com.example.ordered", "lamps/1", NOON);
    byte[] value =
        DispatchContext.EVENTS.encode(
            new Event<>(envelope, new EventAccepted(outside, new Json("{}"))));
    return new ConsumerRecord<>(
        clients.name(Topic.EVENTS),
        0,
        offset,
        at.toEpochMilli(),
        TimestampType.LOG_APPEND_TIME,
        ConsumerRecord.NULL_SIZE,
        value.length,
        Keys.outsideEvent(Definitions.TENANT, id),
        value,
        headers,
        Optional.empty());
  }

  private final class KeepingSink implements RecordSink {
    @Override
    public void write(List<Outgoing> decision) {
      decision.forEach(out -> written.add(out.record()));
    }

    @Override
    public void commit() {}

    @Override
    public void close() {}
  }

  /// What is there is known when somebody waits for it.
  private static final class LateViews implements EventDecider.Views {
    private List<Version> known = List.of(CURRENT);
    private List<Version> there = List.of(CURRENT);
    private @Nullable RuntimeException failure;
    private int asked;

    @Override
    public void await(Duration patience) {
      if (failure != null) {
        throw failure;
      }
      asked++;
      known = there;
    }

    @Override
    public List<Version> current(TenantId tenant) {
      return known;
    }

    @Override
    public Optional<Integration> bySource(String source) {
      return Optional.of(Definitions.SHOP);
    }
  }
}
