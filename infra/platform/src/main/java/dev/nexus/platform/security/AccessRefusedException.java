package dev.nexus.platform.security;

/// A call without a good key (`UNAUTHENTICATED`) or beyond its scopes (`FORBIDDEN`). Whoever
/// catches it answers at once: the refusal is in the audit already.
public final class AccessRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Who was refused: someone unknown, or someone known.
  public enum Kind {
    UNAUTHENTICATED,
    FORBIDDEN
  }

  private final Kind kind;

  public AccessRefusedException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
