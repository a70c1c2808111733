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
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What may be lost, on a real log and without one.
class BestEffortEventsIT {
  private static final EventCodec<MetricEvent> CODEC =
      EventCodec.of(Topic.METRICS, MetricEvent.class);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private static Event<MetricEvent> event(long behind) {
    var envelope =
        Envelope.of(UUID.randomUUID(), Instant.EPOCH, TenantId.DEFAULT, "", "service:test");
    return new Event<>(envelope, new BacklogMeasured("router", 0, behind));
  }

  @Test
  void shouldWriteWhatItTookAlsoWhenItEnds() {
    // When
    try (var events = new BestEffortEvents(broker.clients(), "test", 1_000, Account.NONE)) {
      for (int i = 0; i < 20; i++) {
        assertThat(events.offer(CODEC, 0, "key", event(i))).isTrue();
      }
      assertThat(events.dropped()).isZero();
    }

    // Then
    assertThat(broker.await(Topic.METRICS, MetricEvent.class, 20))
        .extracting(event -> ((BacklogMeasured) event.body()).behind())
        .startsWith(0L, 1L, 2L)
        .hasSize(20);
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
      // When
      int taken = 0;
      for (int i = 0; i < 25_000; i++) {
        taken += events.offer(CODEC, 0, "key", event(i)) ? 1 : 0;
      }

      // Then
      long dropped = 25_000 - taken;
      assertThat(dropped).isBetween(1L, 5_000L);
      assertThat(events.dropped()).isEqualTo(dropped);
      Eventually.holds(() -> assertThat(told.get()).isEqualTo(dropped));
      assertThat(events.healthy()).isTrue();
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
