package dev.nexus.executor.container;

import dev.nexus.event.task.FailureClass;

/// A container could not be had, and why.
public final class EngineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final FailureClass failure;

  public EngineException(FailureClass failure, String message) {
    super(message);
    this.failure = failure;
  }

  public EngineException(FailureClass failure, String message, Throwable cause) {
    super(message, cause);
    this.failure = failure;
  }

  /// What a call fails with that waited for it.
  public FailureClass failure() {
    return failure;
  }
}
