package dev.nexus.platform.security;

import java.time.Duration;

/// A call without a good key (`UNAUTHENTICATED`) or beyond its scopes (`FORBIDDEN`), or one of an
/// address that was refused too often (`TOO_OFTEN`). Whoever catches it answers at once: the
/// refusal is in the audit already, or counted there.
public final class AccessRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Who was refused: someone unknown, or someone known.
  public enum Kind {
    UNAUTHENTICATED,
    FORBIDDEN,
    TOO_OFTEN
  }

  private final Kind kind;
  private final Duration retryAfter;

  public AccessRefusedException(Kind kind, String message) {
    this(kind, message, Duration.ZERO);
  }

  private AccessRefusedException(Kind kind, String message, Duration retryAfter) {
    super(message);
    this.kind = kind;
    this.retryAfter = retryAfter;
  }

  static AccessRefusedException tooOften(String address, Duration retryAfter) {
    return new AccessRefusedException(
        Kind.TOO_OFTEN,
        "calls from "
            + address
            + " were refused too often: look at their keys, and try again later",
        retryAfter);
  }

  /// Time after which the address is looked at again; zero where time mends nothing.
  public Duration retryAfter() {
    return retryAfter;
  }

  public Kind kind() {
    return kind;
  }
}
