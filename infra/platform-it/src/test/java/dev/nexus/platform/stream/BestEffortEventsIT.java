package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.metric.MetricEvent;
import dev.nexus.event.metric.MetricEvent.BacklogMeasured;
import dev.nexus.platform.stream.BestEffortEvents.Account;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RelayedBroker;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What may be lost, on a real log and without one.
class BestEffortEventsIT {
  private static final EventCodec<MetricEvent> CODEC =
      EventCodec.of(Topic.METRICS, MetricEvent.class);

  private static final long FIRST = 1_000_000;

  /// Long enough for a sender to look twenty times for what waits.
  private static final Duration SOME_BATCHES = Duration.ofSeconds(1);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private static Event<MetricEvent> event(long behind) {
    var envelope =
        Envelope.of(UUID.randomUUID(), Instant.EPOCH, TenantId.DEFAULT, "", "service:test");
    return new Event<>(envelope, new BacklogMeasured("router", 0, behind));
  }

  /// Has one event written, so that the producer knows the topic.
  private static void writeFirst(BestEffortEvents events) {
    events.offer(CODEC, 0, "key", event(FIRST));
    Eventually.value(
        () -> broker.read(Topic.METRICS, MetricEvent.class),
        all -> !all.isEmpty(),
        "the first event");
  }

  private static List<Long> written() {
    return broker.read(Topic.METRICS, MetricEvent.class).stream()
        .map(event -> ((BacklogMeasured) event.body()).behind())
        .filter(behind -> behind != FIRST)
        .toList();
  }

  @Test
  void shouldWriteWhatItTookAlsoWhenItEnds() {
    // When
    try (var events = new BestEffortEvents(broker.clients(), "test", 1_000, Account.NONE)) {
      writeFirst(events);
      for (int i = 0; i < 20; i++) {
        assertThat(events.offer(CODEC, 0, "key", event(i))).isTrue();
      }
      assertThat(events.dropped()).isZero();
    }

    // Then
    assertThat(Eventually.value(() -> written(), all -> all.size() >= 20, "what was taken"))
        .startsWith(0L, 1L, 2L)
        .hasSize(20);
  }

  /// A process that begins on a busy machine: nobody waits for its first words, and it has them.
  @Test
  void shouldKeepWhatComesBeforeItsBrokerIsKnown(@TempDir Path directory) throws Exception {
    // Given a broker whose answers take three times as long as the producer waits for one
    try (RelayedBroker late = RelayedBroker.start(directory)) {
      late.road().delay(Duration.ofMillis(300));
      try (var events = new BestEffortEvents(late.clients(), "test", 1_000, Account.NONE)) {
        // When
        for (int i = 0; i < 3; i++) {
          events.offer(CODEC, 0, "key", event(i));
        }

        // Then
        var reader = new TopicReader(late.clients());
        Eventually.holds(
            () ->
                assertThat(reader.read(Topic.METRICS, CODEC))
                    .extracting(event -> ((BacklogMeasured) event.body()).behind())
                    .containsExactly(0L, 1L, 2L));
        assertThat(events.dropped()).isZero();
      }
    }
  }

  @Test
  void shouldDropWhatIsTooMuchAndTellHowMuchThatWas() {
    // Given a sender of few a second
    var told = new AtomicLong();
    Account account =
        dropped -> {
          told.addAndGet(dropped);
          return Optional.of(EventRecords.of(broker.clients(), CODEC, "account", event(dropped)));
        };
    try (var events = new BestEffortEvents(broker.clients(), "test", 20, account)) {
      writeFirst(events);
      long before = events.dropped();
      told.set(0);

      // When
      int taken = 0;
      for (int i = 0; i < 25_000; i++) {
        taken += events.offer(CODEC, 0, "key", event(i)) ? 1 : 0;
      }

      // Then
      long dropped = 25_000 - taken;
      assertThat(dropped).isBetween(1L, 5_000L);
      assertThat(events.dropped()).isEqualTo(before + dropped);
      Eventually.holds(() -> assertThat(told.get()).isEqualTo(dropped));
      assertThat(events.healthy()).isTrue();
    }
  }

  /// Else each loss would bring on the next one.
  @Test
  void shouldNotCountAmongTheLostWhatItTellsOfThem() {
    // Given
    var nowhere = new KafkaClients(Map.of("bootstrap.servers", "127.0.0.1:1"), "");
    var asked = new AtomicLong();
    var told = new AtomicLong();
    Account account =
        dropped -> {
          asked.incrementAndGet();
          told.set(dropped);
          return Optional.of(EventRecords.of(nowhere, CODEC, "account", event(dropped)));
        };
    try (var events = new BestEffortEvents(nowhere, "test", 1_000, account)) {
      // When
      events.offer(CODEC, 0, "key", event(0));

      // Then it gives that up in the end, and tells of one, however often that is not taken either
      Eventually.holds(() -> assertThat(asked.get()).isGreaterThan(2));
      assertThat(told.get()).isEqualTo(1);
      assertThat(events.dropped()).isEqualTo(1);
    }
  }

  @Test
  @Timeout(100)
  void shouldCountWhatItCouldNotSendWhenItEnds() {
    // Given one that still waits for its broker to become known
    var nowhere = new KafkaClients(Map.of("bootstrap.servers", "127.0.0.1:1"), "");
    var events = new BestEffortEvents(nowhere, "test", 1_000, Account.NONE);
    for (int i = 0; i < 3; i++) {
      events.offer(CODEC, 0, "key", event(i));
    }

    // When
    events.close();

    // Then
    assertThat(events.dropped()).isEqualTo(3);
  }

  @Test
  void shouldWriteNothingOfItsOwnWhenItHasNothingToSend() {
    // Given
    try (var events = new BestEffortEvents(broker.clients(), "test", 1_000, Account.NONE)) {
      writeFirst(events);

      // When
      for (int i = 0; i < 5; i++) {
        events.offer(CODEC, 0, "key", event(i));
      }
      Eventually.value(() -> written(), all -> all.size() >= 5, "what was offered");

      // Then
      Eventually.stays(
          SOME_BATCHES, () -> assertThat(written()).containsExactly(0L, 1L, 2L, 3L, 4L));
    }
  }

  /// A producer that waited for what it was given would hold its end up for two minutes.
  @Test
  @Timeout(100)
  void shouldHoldNobodyUpAndEndSoonWhenTheBrokerIsAway() {
    // Given
    var nowhere = new KafkaClients(Map.of("bootstrap.servers", "127.0.0.1:1"), "");
    try (var events = new BestEffortEvents(nowhere, "test", 1_000, Account.NONE)) {
      // When
      for (int i = 0; i < 25_000; i++) {
        events.offer(CODEC, 0, "key", event(i));
      }

      // Then
      assertThat(events.dropped()).isGreaterThanOrEqualTo(4_000);
      var meters = new SimpleMeterRegistry();
      events.countDropped(meters, "tests");
      assertThat(
              meters.get("nexus.events.dropped").tag("events", "tests").functionCounter().count())
          .isGreaterThanOrEqualTo(4_000);
      Eventually.holds(() -> assertThat(events.dropped()).isGreaterThan(5_000));
      assertThat(events.isSending()).isFalse();
    }
  }
}
