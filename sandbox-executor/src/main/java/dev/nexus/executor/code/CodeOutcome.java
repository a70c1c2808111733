package dev.nexus.executor.code;

import dev.nexus.event.Json;
import dev.nexus.event.task.FailureClass;

/// What came of one call of `handle`, the same from every home.
public sealed interface CodeOutcome {

  /// What the code printed, as much of it as is kept.
  String logs();

  record Result(Json output, String logs) implements CodeOutcome {
    public Result(Json output) {
      this(output, "");
    }
  }

  /// The code declined the input by `deopt(reason)`.
  record Deopt(String reason, String logs) implements CodeOutcome {
    public Deopt(String reason) {
      this(reason, "");
    }
  }

  /// @param failure TIMEOUT, MEMORY, OUTPUT, INVALID_RESULT, CRASH (the code threw or does not
  ///     load), PERMISSION (it asked for what it may not have), LOST (its container went away),
  ///     REFUSED, UNREACHABLE or INVALID_DEFINITION (it never ran)
  record Failure(FailureClass failure, String detail, String logs) implements CodeOutcome {
    public Failure(FailureClass failure, String detail) {
      this(failure, detail, "");
    }
  }
}
