package dev.nexus.executor.work;

import dev.nexus.event.Envelope;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.task.TaskEvent.TaskAssigned;

/// A task as it came from its lane.
public record AssignedTask(Envelope envelope, TaskAssigned body) {

  public ExecutionId execution() {
    return envelope.execution();
  }

  /// Whether generated code, not the definition itself, does the work.
  public boolean runsCandidate() {
    return !body.candidateHash().isEmpty();
  }
}
