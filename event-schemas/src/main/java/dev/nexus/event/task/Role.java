package dev.nexus.event.task;

/// Why a task runs: to serve the caller, in place of failed code, beside the model to compare, to
/// audit code, to repair an output, or to decide between two answers.
public enum Role {
  SERVE,
  FALLBACK,
  SHADOW,
  AUDIT,
  REPAIR,
  ADJUDICATE;

  /// Whether a caller waits for the answer of this role.
  public boolean servesCaller() {
    return this == SERVE || this == FALLBACK;
  }
}
