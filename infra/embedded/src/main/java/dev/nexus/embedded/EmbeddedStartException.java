package dev.nexus.embedded;

/// An embedded part that could not start; the message is one line that says what to do.
public final class EmbeddedStartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public EmbeddedStartException(String message) {
    super(message);
  }

  public EmbeddedStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
