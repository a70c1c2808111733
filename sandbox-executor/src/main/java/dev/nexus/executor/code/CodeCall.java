package dev.nexus.executor.code;

import dev.nexus.event.Json;
import dev.nexus.executor.work.AssignedTask;

/// One call of a program.
///
/// @param task for which it is made
public record CodeCall(
    Program program, Home home, Json input, CodeLimits limits, AssignedTask task) {}
