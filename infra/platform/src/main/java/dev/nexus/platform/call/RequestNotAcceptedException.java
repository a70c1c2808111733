package dev.nexus.platform.call;

/// The log did not take a request; nothing was begun, or a repeat with the same idempotency key
/// finds out.
public final class RequestNotAcceptedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public RequestNotAcceptedException(String message, Throwable cause) {
    super(message, cause);
  }
}
