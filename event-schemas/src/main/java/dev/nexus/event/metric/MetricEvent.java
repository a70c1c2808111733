package dev.nexus.event.metric;

import dev.nexus.event.Doc;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import java.time.Duration;

/// Measurements on `nexus.metrics`: best effort, at most one record a task, and one a second of a
/// part that is behind.
public sealed interface MetricEvent {

  record TaskMeasured(
      TaskKey task,
      @Doc("Component whose work it was.") String component,
      @Doc("What answered: MODEL, CODE or BUILTIN.") Tier tier,
      @Doc("Hash of the generated code; absent for the definition itself.") String candidateHash,
      @Doc("succeeded, deoptimised, or the failure class.") String result,
      @Doc("Time between the request for the task and its start, milliseconds.") Duration queued,
      Usage usage)
      implements MetricEvent {}

  /// How far a part of the platform is behind its input; front doors refuse new work for it.
  record BacklogMeasured(
      @Doc("Who is behind: router, projector-executions, lane-model …") String reader,
      @Doc("Which of its partitions; -1 for all of them.") int readerPartition,
      @Doc("Records that wait for it.") long behind)
      implements MetricEvent {}
}
