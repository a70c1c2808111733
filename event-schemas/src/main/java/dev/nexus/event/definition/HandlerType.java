package dev.nexus.event.definition;

/// How a component does its work.
public enum HandlerType {
  LLM,
  JIT,
  WORKFLOW,
  BUILTIN,
  TOOL
}
