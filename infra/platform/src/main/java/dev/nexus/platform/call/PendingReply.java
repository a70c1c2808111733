package dev.nexus.platform.call;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.reply.ReplyEvent;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;

/// A request the log has, and the place where its answer will arrive. Closing it gives up waiting;
/// the execution goes on.
public final class PendingReply implements AutoCloseable {
  private final ExecutionId executionId;
  private final UUID requestId;
  private final Waiters waiters;
  private final UnaryOperator<ReplyEvent> whole;
  private final CompletableFuture<Optional<ReplyEvent>> answer = new CompletableFuture<>();
  private volatile long deadlineNanos;

  /// @param whole gives an answer the content that it names
  PendingReply(
      ExecutionId executionId,
      UUID requestId,
      Waiters waiters,
      UnaryOperator<ReplyEvent> whole,
      Duration forgottenAfter) {
    this.executionId = executionId;
    this.requestId = requestId;
    this.waiters = waiters;
    this.whole = whole;
    this.deadlineNanos = System.nanoTime() + forgottenAfter.toNanos();
  }

  public ExecutionId executionId() {
    return executionId;
  }

  UUID requestId() {
    return requestId;
  }

  /// Waits for the answer; empty when it takes longer than `patience`. The one sweeper ends the
  /// wait, because a timed wait of each virtual thread would cost more than the wait is worth.
  public Optional<ReplyEvent> await(Duration patience) {
    try {
      if (!patience.isPositive()) {
        return answer.getNow(Optional.empty()).map(whole);
      }
      deadlineNanos = System.nanoTime() + patience.toNanos();
      return answer.get().map(whole);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException | CancellationException e) {
      throw new IllegalStateException("waiting for " + executionId + " failed", e);
    } finally {
      close();
    }
  }

  void complete(ReplyEvent reply) {
    answer.complete(Optional.of(reply));
  }

  /// Ends the wait without an answer, as when its time is over.
  void giveUp() {
    answer.complete(Optional.empty());
  }

  /// Ends the wait when its time is over.
  boolean expired(long nowNanos) {
    return nowNanos - deadlineNanos >= 0 && answer.complete(Optional.empty());
  }

  @Override
  public void close() {
    waiters.remove(this);
  }
}
