package dev.nexus.projector.execution;

/// Where an execution stands, as readers see it.
public enum ExecutionStatus {
  /// Others of its line have not ended yet.
  WAITING(false),
  RUNNING(false),
  SUCCEEDED(true),
  FAILED(true),
  CANCELLED(true),
  TIMED_OUT(true),
  /// An impossible record met it; later records are parked.
  QUARANTINED(false),
  /// It was quarantined and then ended by a person.
  DISCARDED(true);

  private final boolean terminal;

  ExecutionStatus(boolean terminal) {
    this.terminal = terminal;
  }

  public boolean terminal() {
    return terminal;
  }
}
