package dev.nexus.executor.work;

import dev.nexus.event.task.Tier;

/// Does tasks. Safe for use by many threads.
public interface Work {

  /// Does one task and says what came of it: failures are results, not exceptions. Throws
  /// `InterruptedException` when the task was cancelled or its time ran out.
  WorkResult perform(AssignedTask task) throws InterruptedException;

  /// Whether the task takes microseconds and never waits, so that it may run on the thread that
  /// reads its lane.
  boolean isInstant(AssignedTask task);

  /// What answers the task.
  Tier tier(AssignedTask task);
}
