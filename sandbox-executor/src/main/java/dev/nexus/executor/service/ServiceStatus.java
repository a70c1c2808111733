package dev.nexus.executor.service;

import java.time.Instant;
import java.util.Optional;

/// A service as who asks for it is shown it.
///
/// @param image that runs, or is to
/// @param restarts since it was last well for some minutes
/// @param lastEnd what its last container ended by; "" where none has
/// @param since when it began to stand like this; empty where that is not known here
/// @param why it does not run here; "" where it does
public record ServiceStatus(
    String service,
    State state,
    String image,
    boolean fallback,
    int restarts,
    String lastEnd,
    Optional<Instant> since,
    String why) {
  /// How a service stands.
  public enum State {
    /// For its next start.
    WAITING,
    STARTING,
    HEALTHY,
    ENDING,
    /// Another executor runs it, or will in a moment.
    ELSEWHERE,
    /// This process has no engine.
    UNSERVED
  }
}
