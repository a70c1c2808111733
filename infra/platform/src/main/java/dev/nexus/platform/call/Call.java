package dev.nexus.platform.call;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.platform.service.EdgeIds;
import java.time.Duration;
import java.util.Optional;

/// A component to run, its input checked already.
///
/// @param definitionDigest version the input was checked against; the execution keeps it
/// @param timeout longest time it may take; zero leaves it to the component
/// @param idempotencyKey the caller's own name for this call: repeated, it meets the same
///     execution. One that is blank or too long ends in a `ProblemException`
public record Call(
    Origin origin,
    String appId,
    String component,
    String definitionDigest,
    Json input,
    Duration timeout,
    Optional<String> idempotencyKey) {
  public Call {
    idempotencyKey.ifPresent(CallLimits::idempotencyKey);
  }

  /// The same call with its input as an event carries it.
  Call carrying(Json kept) {
    return new Call(origin, appId, component, definitionDigest, kept, timeout, idempotencyKey);
  }

  ExecutionId executionId(EdgeIds ids) {
    return idempotencyKey
        .map(key -> ExecutionId.ofIdempotencyKey(origin.tenant(), appId, component, key))
        .orElseGet(() -> new ExecutionId(ids.next()));
  }
}
