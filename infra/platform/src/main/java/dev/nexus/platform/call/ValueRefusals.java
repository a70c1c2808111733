package dev.nexus.platform.call;

import dev.nexus.event.value.ValueRefusal;
import dev.nexus.event.value.ValueReplyEvent.RefusedReplied;
import dev.nexus.platform.http.Problem;
import io.micronaut.http.HttpStatus;

/// Refusals of requests about values, as problems.
final class ValueRefusals {
  private ValueRefusals() {}

  static HttpStatus status(String word) {
    return ValueRefusal.of(word)
        .map(ValueRefusals::status)
        .orElse(HttpStatus.INTERNAL_SERVER_ERROR);
  }

  private static HttpStatus status(ValueRefusal refusal) {
    return switch (refusal) {
      case INVALID -> HttpStatus.BAD_REQUEST;
      case VERSION_CONFLICT, NO_WHOLE_NUMBER -> HttpStatus.CONFLICT;
      case OUT_OF_RANGE, REQUEST_REUSED -> HttpStatus.UNPROCESSABLE_ENTITY;
      case NO_ROOM -> HttpStatus.INSUFFICIENT_STORAGE;
    };
  }

  /// A conflict also says the versions to machines.
  static Problem aboutVersions(RefusedReplied refused, Problem problem) {
    return refused.problem().equals(ValueRefusal.VERSION_CONFLICT.word())
        ? problem
            .with("expectedVersion", Long.toString(refused.expectedVersion()))
            .with("foundVersion", Long.toString(refused.version()))
        : problem;
  }
}
