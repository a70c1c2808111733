package dev.nexus.standalone.compose;

/// A program of Docker that is missing or failed, or containers that do not come to work. The
/// message has what was said about it.
public final class ComposeFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ComposeFailedException(String message) {
    super(message);
  }

  ComposeFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
