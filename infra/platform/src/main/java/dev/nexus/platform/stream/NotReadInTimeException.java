package dev.nexus.platform.stream;

import org.jspecify.annotations.Nullable;

/// A reader could not read as far as somebody waited for: what was made of its topics may be old.
public final class NotReadInTimeException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  NotReadInTimeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
