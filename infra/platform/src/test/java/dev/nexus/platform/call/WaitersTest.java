package dev.nexus.platform.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ReceiptReplied;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.event.task.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class WaitersTest {
  private static final ExecutionId EXECUTION = new ExecutionId(new UUID(1, 1));
  private static final ReplyEvent RESULT = new ResultReplied("i", new Json("1"), Tier.BUILTIN, 7);
  private static final ReplyEvent REFUSAL = new RefusalReplied("i", "finished", "too late");

  private static final ReplyEvent RECEIPT = new ReceiptReplied("i", 7);

  private final Waiters waiters = new Waiters();

  @Test
  void shouldGiveTheEndOfAnExecutionToAllWhoWaitForIt() {
    // Given
    var first = waiting(new UUID(0, 1));
    var second = waiting(new UUID(0, 2));

    // When
    waiters.deliver(reply(RESULT, new UUID(9, 9)));

    // Then
    assertThat(first.await(Duration.ofSeconds(1))).contains(RESULT);
    assertThat(second.await(Duration.ofSeconds(1))).contains(RESULT);
    assertThat(waiters.size()).isZero();
  }

  @Test
  void shouldGiveARefusalToTheRequestThatCausedIt() {
    // Given
    var first = waiting(new UUID(0, 1));
    var second = waiting(new UUID(0, 2));

    // When
    waiters.deliver(reply(REFUSAL, new UUID(0, 2)));

    // Then
    assertThat(second.await(Duration.ofSeconds(1))).contains(REFUSAL);
    assertThat(first.await(Duration.ZERO)).isEmpty();
  }

  /// Whoever waits for the end of the execution waits on.
  @Test
  void shouldGiveAReceiptToNobodyButTheRequestThatCausedIt() {
    // Given
    var first = waiting(new UUID(0, 1));
    var second = waiting(new UUID(0, 2));

    // When
    waiters.deliver(reply(RECEIPT, new UUID(0, 2)));
    waiters.deliver(reply(RECEIPT, new UUID(9, 9)));

    // Then
    assertThat(second.await(Duration.ofSeconds(1))).contains(RECEIPT);
    assertThat(first.await(Duration.ZERO)).isEmpty();
  }

  @Test
  void shouldPassByRepliesNobodyWaitsFor() {
    waiters.deliver(reply(RESULT, new UUID(0, 1)));

    assertThat(waiters.size()).isZero();
  }

  @Test
  void shouldEndAWaitWhenItsTimeIsOver() throws Exception {
    // Given
    var pending = waiting(new UUID(0, 1));
    var sweeper =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (waiters.size() > 0) {
                    waiters.sweep(System.nanoTime());
                    Thread.onSpinWait();
                  }
                });

    // When
    var reply = pending.await(Duration.ofMillis(30));

    // Then
    assertThat(reply).isEmpty();
    assertThat(sweeper.join(Duration.ofMinutes(1))).isTrue();
  }

  @Test
  void shouldForgetARequestNobodyAwaits() {
    // Given
    waiters.add(
        new PendingReply(EXECUTION, new UUID(0, 1), waiters, reply -> reply, Duration.ZERO));

    // When
    waiters.sweep(System.nanoTime() + 1);

    // Then
    assertThat(waiters.size()).isZero();
  }

  @Test
  void shouldEndEveryWaitWhenNothingWillBeDeliveredAnyMore() {
    // Given
    var first = waiting(new UUID(0, 1));
    var second = waiting(new UUID(0, 2));

    // When
    waiters.end();

    // Then
    assertThat(first.await(Duration.ofMinutes(1))).isEmpty();
    assertThat(second.await(Duration.ofMinutes(1))).isEmpty();
  }

  private PendingReply waiting(UUID request) {
    var pending =
        new PendingReply(EXECUTION, request, waiters, reply -> reply, Duration.ofMinutes(1));
    waiters.add(pending);
    return pending;
  }

  private static Event<ReplyEvent> reply(ReplyEvent body, UUID cause) {
    var envelope =
        Envelope.of(new UUID(5, 5), Instant.EPOCH, TenantId.DEFAULT, "app", "service:router")
            .withExecution(EXECUTION)
            .causedBy(cause, "c", "");
    return new Event<>(envelope, body);
  }
}
