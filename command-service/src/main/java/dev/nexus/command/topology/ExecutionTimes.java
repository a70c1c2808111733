package dev.nexus.command.topology;

import dev.nexus.command.execution.ExecutionState;
import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.ExecutionTimedOut;
import dev.nexus.platform.measure.Measure;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;

/// How long executions take, from when they were accepted until they end.
record ExecutionTimes(MeterRegistry meters) {
  /// Counts the execution that this fact ends; empty when it ends none. To be called when the log
  /// has the fact: one whose write fails is decided again, and would count twice.
  ///
  /// @param after what the fact leads to
  Optional<Runnable> end(Event<ExecutionEvent> fact, ExecutionState after) {
    if (!(after instanceof Finished finished) || !finished.terminal().equals(fact.body())) {
      return Optional.empty();
    }
    Duration took =
        Duration.between(finished.origin().envelope().occurredAt(), fact.envelope().occurredAt());
    String result = result(fact.body());
    return Optional.of(
        () ->
            Measure.EXECUTION
                .timer(meters, result)
                .record(took.isNegative() ? Duration.ZERO : took));
  }

  private static String result(ExecutionEvent terminal) {
    if (terminal instanceof ExecutionSucceeded) {
      return "succeeded";
    }
    if (terminal instanceof ExecutionCancelled) {
      return "cancelled";
    }
    return terminal instanceof ExecutionTimedOut ? "timed_out" : "failed";
  }
}
