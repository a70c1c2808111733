package dev.nexus.platform.stream;

/// The log did not take a record; nothing was begun, or a repeat with the same idempotency key
/// finds out.
public class RequestNotAcceptedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public RequestNotAcceptedException(String message) {
    super(message);
  }

  public RequestNotAcceptedException(String message, Throwable cause) {
    super(message, cause);
  }
}
