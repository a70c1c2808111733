package dev.nexus.platform.call;

import dev.nexus.event.Event;
import dev.nexus.event.value.ValueReplyEvent;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// Who waits for the answer to which call about a value. Calls under one idempotency key are the
/// same request, and yet may wish for different things: the owner answers each record, and each
/// caller hears the answer to its own alone.
final class ValueWaiters {
  private final Map<String, CompletableFuture<ValueReplyEvent>> waiting = new ConcurrentHashMap<>();

  /// @param call its correlation id, which no other call has
  CompletableFuture<ValueReplyEvent> add(UUID call) {
    CompletableFuture<ValueReplyEvent> answer = new CompletableFuture<>();
    waiting.put(call.toString(), answer);
    return answer;
  }

  void remove(UUID call) {
    waiting.remove(call.toString());
  }

  void deliver(Event<ValueReplyEvent> reply) {
    Optional.ofNullable(waiting.get(reply.envelope().correlationId()))
        .ifPresent(answer -> answer.complete(reply.body()));
  }
}
