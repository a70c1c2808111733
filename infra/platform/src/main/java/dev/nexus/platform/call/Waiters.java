package dev.nexus.platform.call;

import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ProblemReplied;
import dev.nexus.event.reply.ReplyEvent.ReceiptReplied;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Who waits for which execution in this process. Several may wait for one: repeated calls with one
/// idempotency key, or a caller and the one who cancels.
final class Waiters {
  private final Map<ExecutionId, List<PendingReply>> waiting = new ConcurrentHashMap<>();

  void add(PendingReply pending) {
    waiting.merge(pending.executionId(), List.of(pending), Waiters::joined);
  }

  void remove(PendingReply pending) {
    waiting.computeIfPresent(pending.executionId(), (_, present) -> without(present, pending));
  }

  int size() {
    return waiting.size();
  }

  /// Hands an answer to those it is for. The end of an execution is for all of its waiters; a
  /// refusal or a receipt is for the request that caused it.
  void deliver(Event<ReplyEvent> reply) {
    List<PendingReply> present = waiting.get(reply.envelope().execution());
    if (present == null) {
      return;
    }
    List<PendingReply> receivers =
        switch (reply.body()) {
          case ResultReplied _, ProblemReplied _ -> present;
          case RefusalReplied _ -> refused(present, reply.envelope().causationId());
          case ReceiptReplied _ -> named(present, reply.envelope().causationId());
        };
    receivers.forEach(receiver -> receiver.complete(reply.body()));
  }

  /// Ends the waits whose time is over.
  void sweep(long nowNanos) {
    waiting
        .values()
        .forEach(
            present -> {
              for (PendingReply pending : present) {
                if (pending.expired(nowNanos)) {
                  remove(pending);
                }
              }
            });
  }

  /// Ends every wait: nothing will be delivered any more.
  void end() {
    waiting.values().forEach(present -> present.forEach(PendingReply::giveUp));
    waiting.clear();
  }

  private static List<PendingReply> refused(List<PendingReply> present, String causationId) {
    List<PendingReply> named = named(present, causationId);
    return named.isEmpty() ? present : named;
  }

  private static List<PendingReply> named(List<PendingReply> present, String causationId) {
    return present.stream().filter(p -> isNamed(p.requestId(), causationId)).toList();
  }

  private static boolean isNamed(UUID requestId, String causationId) {
    return requestId.toString().equals(causationId);
  }

  private static List<PendingReply> joined(List<PendingReply> some, List<PendingReply> more) {
    List<PendingReply> all = new ArrayList<>(some);
    all.addAll(more);
    return List.copyOf(all);
  }

  private static @Nullable List<PendingReply> without(
      List<PendingReply> present, PendingReply gone) {
    List<PendingReply> rest =
        present.stream().filter(p -> !p.requestId().equals(gone.requestId())).toList();
    return rest.isEmpty() ? null : rest;
  }
}
