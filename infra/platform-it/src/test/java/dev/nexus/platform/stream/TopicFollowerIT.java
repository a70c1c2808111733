package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.entity.EntityEvent;
import dev.nexus.event.entity.EntityEvent.TenantRegistered;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TopicFollowerIT {
  private static final EventCodec<EntityEvent> CODEC =
      EventCodec.of(Topic.ENTITIES, EntityEvent.class);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private final List<String> taken = new CopyOnWriteArrayList<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private EventProducer producer;
  private TopicFollower<EntityEvent> follower;

  @BeforeEach
  void begin() {
    producer = new EventProducer(broker.clients(), "test");
    var deadLetters = new DeadLetters(producer, "test", Clock.systemUTC());
    follower =
        new TopicFollower<>(
            broker.clients(),
            CODEC,
            "test",
            deadLetters,
            (key, event, partition, offset) -> take(key));
  }

  @AfterEach
  void end() {
    follower.close();
    producer.close();
  }

  private void take(String key) {
    if (key.equals("second")) {
      switch (failure.get()) {
        case Error e -> throw e;
        case RuntimeException e -> throw e;
        case null, default -> {}
      }
    }
    taken.add(key);
  }

  private void write(String... keys) {
    for (String key : keys) {
      var envelope =
          Envelope.of(UUID.randomUUID(), Instant.EPOCH, TenantId.DEFAULT, "", "service:test");
      producer.send(CODEC, key, new Event<EntityEvent>(envelope, new TenantRegistered(key))).join();
    }
  }

  @Test
  void shouldSayThatItIsUnwellUntilItGotPastTheRecordItFailedAt() {
    // Given
    write("first", "second", "third");
    failure.set(new IllegalStateException("not now"));
    follower.start();
    Eventually.holds(() -> assertThat(taken).containsExactly("first"));
    Eventually.holds(() -> assertThat(follower.healthy()).isFalse());
    // When
    failure.set(null);
    follower.awaitCaughtUp(PATIENCE);
    // Then
    Eventually.holds(() -> assertThat(follower.healthy()).isTrue());
    assertThat(taken).containsExactly("first", "second", "third");
    assertThat(broker.read(Topic.DEAD_LETTERS, DeadLetterEvent.class)).isEmpty();
  }

  @Test
  void shouldFollowOnAfterAFailureOfItsListener() {
    // Given
    follower.start();
    follower.awaitCaughtUp(PATIENCE);
    failure.set(new StackOverflowError("of a test"));
    write("first", "second");
    Eventually.holds(() -> assertThat(follower.healthy()).isFalse());
    // When
    failure.set(null);
    write("third");
    // Then
    Eventually.holds(() -> assertThat(taken).containsExactly("first", "second", "third"));
    Eventually.holds(() -> assertThat(follower.healthy()).isTrue());
  }

  @Test
  void shouldSetAsideWhatCannotBeReadAndStayWell() {
    // Given
    failure.set(new UnreadableRecordException("no such scope"));
    producer
        .send(
            new ProducerRecord<>(
                broker.clients().name(Topic.ENTITIES),
                "first",
                "no Avro".getBytes(StandardCharsets.UTF_8)))
        .join();
    write("second", "third");
    // When
    follower.start();
    follower.awaitCaughtUp(PATIENCE);
    // Then
    assertThat(follower.healthy()).isTrue();
    assertThat(taken).containsExactly("third");
    assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 2)).hasSize(2);
  }
}
