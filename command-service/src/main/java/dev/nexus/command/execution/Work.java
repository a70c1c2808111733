package dev.nexus.command.execution;

import dev.nexus.event.task.Lane;
import dev.nexus.event.task.TaskKey;
import java.time.Duration;
import java.time.Instant;

/// One piece of work of an execution, by its newest attempt.
public record Work(TaskKey task, Lane lane, String candidateHash, Status status) {

  /// Where the newest attempt stands.
  public sealed interface Status {
    /// Asked for; asked for again when nobody started it by `startBy`.
    record Requested(Instant startBy) implements Status {}

    /// Somebody does it and was last known to be alive at `at`.
    record Started(String instance, Duration lease, Instant at) implements Status {}

    /// Failed; tried again at `until`.
    record Waiting(Instant until) implements Status {}

    /// Nothing more will be done.
    record Closed() implements Status {}
  }

  public boolean open() {
    return !(status instanceof Status.Closed);
  }

  /// Whether an executor has the newest attempt or may still take it.
  boolean asked() {
    return status instanceof Status.Requested || status instanceof Status.Started;
  }

  Work with(Status changed) {
    return new Work(task, lane, candidateHash, changed);
  }
}
