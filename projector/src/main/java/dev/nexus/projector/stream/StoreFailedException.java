package dev.nexus.projector.stream;

import org.jspecify.annotations.Nullable;

/// Redis did not do what was asked; the partition is taken up again from the stored position.
final class StoreFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StoreFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
