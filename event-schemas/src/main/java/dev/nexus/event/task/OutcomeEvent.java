package dev.nexus.event.task;

import dev.nexus.event.Doc;
import dev.nexus.event.Json;
import java.time.Duration;

/// What executors report about tasks, on `nexus.outcomes`. Their facts are in
/// `dev.nexus.event.execution`: an outcome is a claim, a fact is what the router made of it.
public sealed interface OutcomeEvent {
  TaskKey task();

  /// Work began; from here the lease runs.
  record WorkStarted(
      TaskKey task,
      @Doc("Executor that does it.") String instance,
      @Doc("Time without a sign of life after which it is taken for lost, milliseconds.")
          Duration lease)
      implements OutcomeEvent {}

  /// Work goes on; the lease begins anew.
  record WorkContinued(TaskKey task, @Doc("Executor that does it.") String instance)
      implements OutcomeEvent {}

  record WorkSucceeded(
      TaskKey task,
      @Doc("Executor that did it.") String instance,
      @Doc("Result, JSON.") Json output,
      Usage usage)
      implements OutcomeEvent {}

  record WorkFailed(
      TaskKey task,
      @Doc("Executor that did it.") String instance,
      @Doc("Kind of failure.") FailureClass failure,
      @Doc("What happened, for a person.") String detail,
      @Doc("Time to wait before another attempt, milliseconds; 0 leaves it to the policy.")
          Duration retryAfter,
      Usage usage)
      implements OutcomeEvent {}

  /// Generated code declined this input; the model answers it instead.
  record WorkDeoptimised(
      TaskKey task,
      @Doc("Executor that did it.") String instance,
      @Doc("Which assumption did not hold.") String reason,
      Usage usage)
      implements OutcomeEvent {}
}
