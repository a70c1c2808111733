package dev.nexus.executor.code;

import dev.nexus.event.Json;
import dev.nexus.event.task.FailureClass;

/// What came of one call of `handle`.
public sealed interface CodeOutcome {

  record Result(Json output) implements CodeOutcome {}

  /// The code declined the input by `deopt(reason)`.
  record Deopt(String reason) implements CodeOutcome {}

  /// @param failure TIMEOUT, MEMORY, OUTPUT, CRASH (the code threw or does not load)
  record Failure(FailureClass failure, String detail) implements CodeOutcome {}
}
