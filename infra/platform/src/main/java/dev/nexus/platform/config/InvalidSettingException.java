package dev.nexus.platform.config;

import java.util.Optional;

/// A setting that cannot be used; the message says which, what was expected and what was found.
public final class InvalidSettingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvalidSettingException(String message) {
    super(message);
  }

  public InvalidSettingException(String message, Throwable cause) {
    super(message, cause);
  }

  /// The one that is behind a failure: whoever makes parts of a process wraps what they throw.
  public static Optional<InvalidSettingException> behind(Throwable failure) {
    Throwable cause = failure;
    while (!(cause instanceof InvalidSettingException)) {
      if (cause.getCause() == null || cause.getCause() == cause) {
        return Optional.empty();
      }
      cause = cause.getCause();
    }
    return Optional.of((InvalidSettingException) cause);
  }
}
