package dev.nexus.event.task;

/// What answers a step: a model by its prompt, code, or a function built into Nexus.
public enum Tier {
  MODEL,
  CODE,
  BUILTIN
}
