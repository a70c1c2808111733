package dev.nexus.event.task;

import dev.nexus.event.Doc;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.NameIds;
import java.util.UUID;

/// Names a task inside its execution.
public record TaskKey(
    @Doc("Step of the execution, from 1.") int step,
    @Doc("Why the task runs: SERVE, FALLBACK, SHADOW, AUDIT, REPAIR or ADJUDICATE.") Role role,
    @Doc("Attempt at it, from 1.") int attempt) {

  public TaskKey next() {
    return new TaskKey(step, role, attempt + 1);
  }

  /// Whether both are attempts at the same work.
  public boolean sameWork(TaskKey other) {
    return step == other.step && role == other.role;
  }

  /// Event id of a record about this task; `kind` keeps the different records about it apart.
  public UUID eventId(ExecutionId execution, String kind) {
    return NameIds.uuid5(
        kind, execution.toString(), Integer.toString(step), role.name(), Integer.toString(attempt));
  }
}
