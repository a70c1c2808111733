package dev.nexus.platform.call;

import dev.nexus.event.Event;
import dev.nexus.event.value.ValueReplyEvent;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Who waits for the answer to which request about a value. Several wait for one where a caller
/// repeats it.
final class ValueWaiters {
  private final Map<String, List<CompletableFuture<ValueReplyEvent>>> waiting =
      new ConcurrentHashMap<>();

  CompletableFuture<ValueReplyEvent> add(UUID request) {
    CompletableFuture<ValueReplyEvent> answer = new CompletableFuture<>();
    waiting.merge(
        request.toString(),
        List.of(answer),
        (some, more) -> Stream.concat(some.stream(), more.stream()).toList());
    return answer;
  }

  void remove(UUID request, CompletableFuture<ValueReplyEvent> answer) {
    waiting.computeIfPresent(request.toString(), (_, present) -> without(present, answer));
  }

  private static @Nullable List<CompletableFuture<ValueReplyEvent>> without(
      List<CompletableFuture<ValueReplyEvent>> present, CompletableFuture<ValueReplyEvent> gone) {
    List<CompletableFuture<ValueReplyEvent>> rest =
        present.stream().filter(answer -> answer != gone).toList();
    return rest.isEmpty() ? null : rest;
  }

  void deliver(Event<ValueReplyEvent> reply) {
    waiting
        .getOrDefault(reply.envelope().causationId(), List.of())
        .forEach(answer -> answer.complete(reply.body()));
  }
}
