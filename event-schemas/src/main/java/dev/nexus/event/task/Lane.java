package dev.nexus.event.task;

/// A capability with a task topic of its own; an executor joins only the lanes it can serve.
public enum Lane {
  MODEL,
  CODE,
  CONTAINER,
  TOOL
}
