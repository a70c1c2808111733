package dev.nexus.event.task;

import dev.nexus.event.Doc;
import dev.nexus.event.Json;
import java.time.Duration;
import java.time.Instant;

/// What stands on the lanes `nexus.tasks.*` and on `nexus.task-control`.
public sealed interface TaskEvent {

  /// One attempt at a piece of work, complete enough to be done by any executor of its lane that
  /// has the definition.
  record TaskAssigned(
      TaskKey task,
      @Doc("Component whose work this is.") String component,
      @Doc("Digest of the application version that defines it.") String definitionDigest,
      @Doc("Hash of the generated code to run; absent when the definition itself is run.")
          String candidateHash,
      @Doc("Source of that code.") String source,
      @Doc("Input, JSON.") Json input,
      TaskLimits limits)
      implements TaskEvent {

    /// The same task with another input.
    public TaskAssigned withInput(Json other) {
      return new TaskAssigned(
          task, component, definitionDigest, candidateHash, source, other, limits);
    }
  }

  /// The work of this task is not wanted any more.
  record TaskCancelled(TaskKey task, @Doc("Why.") String reason) implements TaskEvent {}

  /// Times that bound a task.
  record TaskLimits(
      @Doc("A task that has not started by then is asked for again.") Instant startBy,
      @Doc("A started task that is not heard of for this long is asked for again, milliseconds.")
          Duration lease,
      @Doc("Longest time the work may take, milliseconds.") Duration timeout) {}
}
