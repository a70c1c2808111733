package dev.nexus.platform.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.entity.EntityEvent;
import dev.nexus.event.entity.EntityEvent.KeyIssued;
import dev.nexus.platform.security.KeyRing.Verdict;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class KeyRingIT {
  private static final EventCodec<EntityEvent> CODEC =
      EventCodec.of(Topic.ENTITIES, EntityEvent.class);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @Test
  void shouldKnowTheKeysBehindOneWithAScopeOfALaterVersion() {
    // Given
    Clock clock = Clock.systemUTC();
    try (var producer = new EventProducer(broker.clients(), "test");
        var ring = new KeyRing(broker.clients(), new DeadLetters(producer, "test", clock), clock)) {
      var envelope =
          Envelope.of(UUID.randomUUID(), clock.instant(), TenantId.DEFAULT, "", "service:test");
      var strange = new KeyIssued("strange", "hash", "", List.of("galaxy:rule"), clock.instant());
      producer
          .send(
              CODEC,
              Keys.entity(TenantId.DEFAULT, "key", "strange"),
              new Event<EntityEvent>(envelope, strange))
          .join();
      var known =
          new ApiKeys(producer, clock)
              .issue(
                  TenantId.DEFAULT,
                  "service:test",
                  "",
                  List.of(Scope.parse("operator")),
                  Duration.ofHours(1));
      // When
      ring.start();
      ring.awaitReady(Duration.ofMinutes(2));
      // Then
      assertThat(ring.verify(known.key().reveal())).isInstanceOf(Verdict.Valid.class);
      assertThat(ring.healthy()).isTrue();
      assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 1)).hasSize(1);
    }
  }

  @Test
  void shouldTakeAKeyUntilTheMomentItExpires() {
    // Given
    var clock = new SetClock();
    try (var producer = new EventProducer(broker.clients(), "test");
        var ring = new KeyRing(broker.clients(), new DeadLetters(producer, "test", clock), clock)) {
      ring.start();
      ring.awaitReady(Duration.ofMinutes(2));
      var issued =
          new ApiKeys(producer, clock)
              .issue(
                  TenantId.DEFAULT,
                  "service:test",
                  "",
                  List.of(Scope.parse("operator")),
                  Duration.ofHours(1));
      String keyId = issued.key().keyId();
      assertThat(ring.await(keyId, true, Duration.ofMinutes(1))).isTrue();

      // When
      clock.now = issued.expiresAt().minusMillis(1);
      var before = ring.verify(issued.key().reveal());
      clock.now = issued.expiresAt();
      var after = ring.verify(issued.key().reveal());

      // Then
      assertThat(before)
          .isInstanceOfSatisfying(
              Verdict.Valid.class, valid -> assertThat(ring.holds(valid.principal())).isFalse());
      assertThat(after).isEqualTo(new Verdict.Invalid("expired", keyId));
    }
  }

  /// Moves when it is told to.
  private static final class SetClock extends Clock {
    private volatile Instant now = Instant.parse("2026-11-20T12:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
