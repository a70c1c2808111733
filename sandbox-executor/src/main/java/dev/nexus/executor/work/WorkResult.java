package dev.nexus.executor.work;

import dev.nexus.event.Json;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Usage;
import java.time.Duration;

/// What came of a task.
public sealed interface WorkResult {
  Usage usage();

  record Succeeded(Json output, Usage usage) implements WorkResult {}

  /// @param retryAfter time to wait before another attempt; zero leaves it to the policy
  record Failed(FailureClass failure, String detail, Duration retryAfter, Usage usage)
      implements WorkResult {

    public static Failed of(FailureClass failure, String detail) {
      return new Failed(failure, detail, Duration.ZERO, Usage.NONE);
    }
  }

  /// Generated code declined the input.
  record Deoptimised(String reason, Usage usage) implements WorkResult {}

  /// The same result with the time the work took.
  default WorkResult worked(Duration time) {
    Usage used = usage();
    Usage timed =
        new Usage(
            used.model(),
            used.promptTokens(),
            used.completionTokens(),
            used.costMicros(),
            used.modelCalls(),
            time);
    return switch (this) {
      case Succeeded(var output, _) -> new Succeeded(output, timed);
      case Failed(var failure, var detail, var after, _) ->
          new Failed(failure, detail, after, timed);
      case Deoptimised(var reason, _) -> new Deoptimised(reason, timed);
    };
  }
}
