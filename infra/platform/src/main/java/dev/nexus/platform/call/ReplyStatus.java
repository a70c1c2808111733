package dev.nexus.platform.call;

import io.micronaut.http.HttpStatus;

/// What the words of a reply mean as a status of HTTP, from which every edge takes its own.
public final class ReplyStatus {
  private ReplyStatus() {}

  /// Of a request that was refused.
  public static HttpStatus ofRefusal(String problem) {
    return switch (problem) {
      case "idempotency-key-reused" -> HttpStatus.UNPROCESSABLE_ENTITY;
      case "not-found" -> HttpStatus.NOT_FOUND;
      case "quarantined" -> HttpStatus.SERVICE_UNAVAILABLE;
      case "impossible" -> HttpStatus.INTERNAL_SERVER_ERROR;
      default -> HttpStatus.CONFLICT;
    };
  }

  /// Of an execution that did not end well. To the caller we are a gateway in front of a component:
  /// that it failed is a bad gateway, that it took too long a gateway timeout. A cancelled call met
  /// another wish of somebody; a quarantined one may yet go on, so the same key may be tried later.
  public static HttpStatus ofProblem(String problem) {
    return switch (problem) {
      case "timed-out" -> HttpStatus.GATEWAY_TIMEOUT;
      case "cancelled" -> HttpStatus.CONFLICT;
      case "quarantined" -> HttpStatus.SERVICE_UNAVAILABLE;
      default -> HttpStatus.BAD_GATEWAY;
    };
  }
}
