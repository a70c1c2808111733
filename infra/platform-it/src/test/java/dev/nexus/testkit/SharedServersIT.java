package dev.nexus.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.entity.EntityEvent;
import dev.nexus.event.entity.EntityEvent.TenantRegistered;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SharedServersIT {
  private static final EventCodec<EntityEvent> CODEC =
      EventCodec.of(Topic.ENTITIES, EntityEvent.class);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();
  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();

  @Test
  void shouldReadBackWhatWasWritten() {
    // Given
    var envelope =
        Envelope.of(UUID.randomUUID(), Instant.EPOCH, TenantId.DEFAULT, "", "service:test");
    var event = new Event<EntityEvent>(envelope, new TenantRegistered("default"));
    // When
    try (EventProducer producer = new EventProducer(broker.clients(), "test")) {
      producer.send(CODEC, "default/tenant/default", event).join();
    }
    // Then
    assertThat(broker.await(Topic.ENTITIES, EntityEvent.class, 1)).containsExactly(event);
  }

  @Test
  void shouldSeeNothingOfAnotherTest() {
    // When
    var found = broker.read(Topic.ENTITIES, EntityEvent.class);
    // Then
    assertThat(found).isEmpty();
  }

  @Test
  void shouldAnswerFromRedis() {
    // When
    try (var connection = redis.client().connect()) {
      // Then
      assertThat(connection.sync().ping()).isEqualTo("PONG");
    }
  }
}
