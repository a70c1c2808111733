package dev.nexus.platform.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ReplyTailIT {
  private static final EventCodec<ReplyEvent> CODEC =
      EventCodec.of(Topic.REPLIES, ReplyEvent.class);
  private static final InstanceId INSTANCE = new InstanceId("this");

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final AtomicBoolean fails = new AtomicBoolean();
  private EventProducer producer;
  private ReplyTail<ReplyEvent> tail;

  @BeforeEach
  void begin() {
    producer = new EventProducer(broker.clients(), "test");
    var deadLetters = new DeadLetters(producer, "test", Clock.systemUTC());
    tail = ReplyTail.ofExecutions(broker.clients(), INSTANCE, deadLetters, this::hear);
    tail.start();
    tail.awaitReady(Duration.ofMinutes(2));
  }

  @AfterEach
  void end() {
    tail.close();
    producer.close();
  }

  private void hear(Event<ReplyEvent> reply) {
    if (fails.get()) {
      throw new IllegalStateException("of a test");
    }
    if (reply.body() instanceof RefusalReplied(_, var problem, _)) {
      heard.add(problem);
    }
  }

  private void reply(int partition, InstanceId to, String executionId, String problem) {
    var envelope =
        Envelope.of(UUID.randomUUID(), Instant.EPOCH, TenantId.DEFAULT, "app", "service:router")
            .withExecution(new ExecutionId(UUID.randomUUID()));
    var named =
        new Envelope(
            envelope.eventId(),
            envelope.occurredAt(),
            envelope.tenantId(),
            envelope.appId(),
            executionId.isEmpty() ? envelope.executionId() : executionId,
            envelope.sequence(),
            envelope.causationId(),
            envelope.correlationId(),
            envelope.actor(),
            envelope.traceparent(),
            envelope.input());
    Event<ReplyEvent> event = new Event<>(named, new RefusalReplied(to.value(), problem, ""));
    producer.send(CODEC, Topic.REPLIES, partition, "key", event).join();
  }

  @Test
  void shouldPassAReplyThatNamesNoExecution() {
    // Given
    int partition = tail.partition();
    // When
    reply(partition, INSTANCE, "no id", "broken");
    reply(partition, new InstanceId("other"), "", "not ours");
    reply(partition, INSTANCE, "", "ours");
    // Then
    Eventually.holds(() -> assertThat(heard).containsExactly("ours"));
    assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 1)).hasSize(1);
    Eventually.holds(() -> assertThat(tail.healthy()).isTrue());
  }

  @Test
  void shouldRefuseRequestsWhileNobodyReadsTheirAnswersAndMissNone() {
    // Given
    int partition = tail.partition();
    fails.set(true);
    reply(partition, INSTANCE, "", "first");
    Eventually.holds(() -> assertThat(tail.healthy()).isFalse());
    // Then
    assertThatThrownBy(tail::partition)
        .isInstanceOf(RequestNotAcceptedException.class)
        .hasMessageContaining("answers cannot be read now");
    // When
    reply(partition, INSTANCE, "", "second");
    fails.set(false);
    // Then
    Eventually.holds(() -> assertThat(heard).containsExactly("first", "second"));
    Eventually.holds(() -> assertThat(tail.healthy()).isTrue());
    assertThat(tail.partition()).isEqualTo(partition);
  }
}
