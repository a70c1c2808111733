package dev.nexus.event.task;

/// The kinds of failure a task can end with.
public enum FailureClass {
  TIMEOUT(true),
  RATE_LIMITED(true),
  UPSTREAM(true),
  UNREACHABLE(true),
  INVALID_RESULT(true),
  CIRCUIT_OPEN(true),
  LOST(true),
  CRASH(false),
  MEMORY(false),
  OUTPUT(false),
  PERMISSION(false),
  REFUSED(false),
  INVALID_DEFINITION(false);

  private final boolean retryable;

  FailureClass(boolean retryable) {
    this.retryable = retryable;
  }

  /// Whether the same task may succeed when tried again.
  public boolean retryable() {
    return retryable;
  }
}
