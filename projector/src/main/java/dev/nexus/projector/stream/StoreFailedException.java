package dev.nexus.projector.stream;

import org.jspecify.annotations.Nullable;

/// Redis did not do what was asked; the partition is taken up again from the stored position.
public final class StoreFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
