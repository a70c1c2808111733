package dev.nexus.executor.builtin;

import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.WorkResult;

/// A function that `BUILTIN` components name in `taskDetails.function`.
public interface BuiltinFunction {
  String name();

  /// Whether it takes microseconds and never waits.
  boolean instant();

  WorkResult perform(AssignedTask task) throws InterruptedException;
}
