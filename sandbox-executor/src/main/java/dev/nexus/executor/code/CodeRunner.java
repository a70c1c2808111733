package dev.nexus.executor.code;

import dev.nexus.event.Json;

/// Runs scripts. A call has no capabilities, neither clock nor chance, and leaves no state behind.
/// Safe for use by many threads.
public interface CodeRunner {

  /// Runs `handle` of a script on `input`. Throws `InterruptedException` when the calling thread is
  /// interrupted; going over a limit is an outcome.
  CodeOutcome run(Script script, Json input, CodeLimits limits) throws InterruptedException;
}
