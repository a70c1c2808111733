package dev.nexus.projector.trace;

import dev.nexus.event.task.Lane;
import dev.nexus.event.task.TaskKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A task under way.
///
/// @param requested when the log took that it is asked for
/// @param started when its executor began; null where that is not known
record Attempt(
    TaskKey task, Lane lane, String candidateHash, Instant requested, @Nullable Instant started) {
  Attempt(TaskKey task, Lane lane, String candidateHash, Instant requested) {
    this(task, lane, candidateHash, requested, null);
  }

  boolean is(TaskKey other) {
    return task.equals(other);
  }

  Attempt started(Instant at) {
    return new Attempt(task, lane, candidateHash, requested, at);
  }
}
