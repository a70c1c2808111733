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
import dev.nexus.platform.stream.RecordSink;
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
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
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
                new EventDecider(
                    new FixedViews(), new SchemaChecks(), Definitions.payloads(directory)),
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
    UUID id = Intake.eventId(Definitions.TENANT, "urn:shop", "o-1");
    var envelope = Envelope.of(id, NOON, Definitions.TENANT, "orders", "integration:shop");
    var outside = new Outside("shop", "urn:shop", "o-1", "com.example.ordered", "lamps/1", NOON);
    byte[] value =
        DispatchContext.EVENTS.encode(
            new Event<>(envelope, new EventAccepted(outside, new Json("{}"))));
    return new ConsumerRecord<>(
        clients.name(Topic.EVENTS),
        0,
        8,
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

  private static final class FixedViews implements EventDecider.Views {
    @Override
    public void await(Duration patience) {}

    @Override
    public List<Version> current(TenantId tenant) {
      return List.of(CURRENT);
    }

    @Override
    public Optional<Integration> bySource(String source) {
      return Optional.of(Definitions.SHOP);
    }
  }
}
