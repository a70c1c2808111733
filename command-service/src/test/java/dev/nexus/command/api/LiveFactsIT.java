package dev.nexus.command.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One reader brings the facts of all streams: neither a stranger's record nor a follower that is
/// gone may end it.
class LiveFactsIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();

  private final ExecutionId gone = new ExecutionId(UUID.randomUUID());
  private final ExecutionId followed = new ExecutionId(UUID.randomUUID());
  private final List<ExecutionEvent> heard = new CopyOnWriteArrayList<>();

  static List<Throwable> failures() {
    return List.of(new IllegalStateException("closed"), new StackOverflowError("of a test"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void shouldGoOnForOthersWhenAFollowerIsGoneOrARecordHasNoKey(Throwable failure) {
    KafkaClients clients = BROKER.clients();
    try (var producer = new EventProducer(clients, "test");
        var facts = new LiveFacts(clients, new InstanceId("live-facts"))) {
      // Given
      facts.start();
      facts.follow(key(gone), fact -> throwUnchecked(failure));
      facts.follow(key(followed), fact -> heard.add(fact.body()));

      // When
      producer
          .send(new ProducerRecord<>(clients.name(Topic.EXECUTIONS), 0, null, new byte[] {1}))
          .join();
      write(producer, gone, "for nobody");
      write(producer, followed, "first");
      Eventually.holds(() -> assertThat(heard).hasSize(1));
      write(producer, followed, "second");

      // Then
      Eventually.holds(
          () ->
              assertThat(heard)
                  .containsExactly(
                      new ExecutionCancelled("first"), new ExecutionCancelled("second")));
      assertThat(facts.healthy()).isTrue();
    }
  }

  private static void throwUnchecked(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }

  private static void write(EventProducer producer, ExecutionId execution, String reason) {
    var envelope =
        Envelope.of(UUID.randomUUID(), Instant.EPOCH, TenantId.DEFAULT, "orders", "service:test")
            .withExecution(execution);
    producer
        .send(
            EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class),
            key(execution),
            new Event<>(envelope, new ExecutionCancelled(reason)))
        .join();
  }

  private static String key(ExecutionId execution) {
    return Keys.execution(TenantId.DEFAULT, execution);
  }
}
