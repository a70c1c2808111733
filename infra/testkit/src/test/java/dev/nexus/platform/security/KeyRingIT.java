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
      producer.append(
          CODEC,
          Keys.entity(TenantId.DEFAULT, "key", "strange"),
          new Event<EntityEvent>(envelope, strange));
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
      ring.awaitReady(Duration.ofSeconds(20));
      // Then
      assertThat(ring.verify(known.key().reveal())).isInstanceOf(Verdict.Valid.class);
      assertThat(ring.healthy()).isTrue();
      assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 1)).hasSize(1);
    }
  }
}
