package dev.nexus.executor.service;

import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import java.time.Duration;
import java.util.Optional;

/// What is wanted of a service and how it is, at one moment. Times are those of one clock that only
/// goes on.
///
/// @param wanted the definition by which it is to run; empty where it is not to run here
/// @param otherwise why it is not, where it is not
record ServiceView(
    Optional<ServiceDefinition> wanted,
    EndReason otherwise,
    Standing standing,
    StartHistory history) {

  /// How a service stands.
  sealed interface Standing {
    /// Nothing of it runs.
    record Resting(Duration since) implements Standing {}

    /// It is being begun or ended.
    record Changing() implements Standing {}

    /// Its container is there.
    ///
    /// @param digest definition that runs
    /// @param begun when its start was asked for
    /// @param well whether it was well since then
    /// @param failedChecks looks at it, one after the other, that found it unwell
    record Running(
        String digest, Duration begun, boolean well, int failedChecks, Optional<Exit> exit)
        implements Standing {}
  }

  /// How a program ended by itself.
  record Exit(int code, boolean outOfMemory) {}
}
