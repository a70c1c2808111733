package dev.nexus.command.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.grpc.v1.Fact;
import dev.nexus.platform.http.ProblemException;
import io.micronaut.http.HttpStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Follows an execution from a fact to its end: what is projected, then again each time the next
/// fact is visible. The read side wakes each question by notification, so nothing is polled in
/// vain.
final class Watching {
  /// Facts that end an execution, or stop it until an operator comes; a discarding release does,
  /// too.
  private static final Set<String> TERMINAL =
      Set.of(
          "ExecutionSucceeded",
          "ExecutionFailed",
          "ExecutionCancelled",
          "ExecutionTimedOut",
          "ExecutionQuarantined");

  /// After this a call is visible, unless the read side is far behind.
  private static final Duration UNDERWAY = Duration.ofSeconds(10);

  private final FrontDoor door;
  private final Messages messages;
  private final Clock clock;

  Watching(FrontDoor door, Messages messages, Clock clock) {
    this.door = door;
    this.messages = messages;
    this.clock = clock;
  }

  /// Gives the facts from `from` on to `sink` until the execution has ended or `given up` is true.
  void follow(
      RpcCaller caller, ExecutionId id, long from, Consumer<Fact> sink, BooleanSupplier givenUp) {
    TenantId tenant = caller.principal().tenant();
    long next = Math.max(1, from);
    JsonNode shown = first(caller, id);
    while (true) {
      for (JsonNode fact : shown.path("facts")) {
        long sequence = fact.path("sequence").asLong();
        if (sequence >= next) {
          sink.accept(Messages.fact(fact));
          next = sequence + 1;
        }
        if (ends(fact)) {
          return;
        }
      }
      Optional<JsonNode> more = Optional.empty();
      while (more.isEmpty()) {
        if (givenUp.getAsBoolean()) {
          return;
        }
        more = atLeast(caller, id, messages.token(tenant, id, next));
      }
      shown = more.get();
    }
  }

  /// An execution just asked for may not be visible yet: waits for its first fact, then says what
  /// there is. Of one that cannot be under way it is said at once.
  private JsonNode first(RpcCaller caller, ExecutionId id) {
    if (!mayBeUnderway(id.value(), clock.instant())) {
      return door.execution(caller, id.toString(), "");
    }
    String begun = messages.token(caller.principal().tenant(), id, 1);
    return atLeast(caller, id, begun).orElseGet(() -> door.execution(caller, id.toString(), ""));
  }

  /// Ids are made of the time of the call (version 7) or of its idempotency key (version 5), which
  /// does not say when.
  static boolean mayBeUnderway(UUID id, Instant now) {
    return switch (id.version()) {
      case 5 -> true;
      case 7 ->
          Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16).isAfter(now.minus(UNDERWAY));
      default -> false;
    };
  }

  /// The execution once what the token names is visible; empty when that takes too long.
  private Optional<JsonNode> atLeast(RpcCaller caller, ExecutionId id, String token) {
    try {
      return Optional.of(door.execution(caller, id.toString(), token));
    } catch (ProblemException e) {
      if (e.problem().status() == HttpStatus.GATEWAY_TIMEOUT) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static boolean ends(JsonNode fact) {
    String type = fact.path("type").asText();
    return TERMINAL.contains(type)
        || (type.equals("ExecutionReleased") && fact.path("data").path("discard").asBoolean());
  }
}
