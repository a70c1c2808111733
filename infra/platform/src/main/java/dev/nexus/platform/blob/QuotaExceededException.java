package dev.nexus.platform.blob;

/// A tenant's payloads would be more than it may have.
public final class QuotaExceededException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  QuotaExceededException(String message) {
    super(message);
  }
}
