package dev.nexus.executor.code;

import dev.nexus.event.Json;
import dev.nexus.event.definition.Capability;
import dev.nexus.executor.work.AssignedTask;
import java.util.Set;

/// One call of a program.
///
/// @param granted what it may ask for beside its input
/// @param task for which it is made
public record CodeCall(
    Program program,
    Home home,
    Json input,
    CodeLimits limits,
    Set<Capability> granted,
    AssignedTask task) {
  public CodeCall {
    granted = Set.copyOf(granted);
  }

  /// A call that may ask for nothing.
  public CodeCall(Program program, Home home, Json input, CodeLimits limits, AssignedTask task) {
    this(program, home, input, limits, Set.of(), task);
  }
}
