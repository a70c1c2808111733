package dev.nexus.executor.builtin;

import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.NearestName;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Failed;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Finds builtin functions by name and runs them.
public final class Builtins {
  private final Map<String, BuiltinFunction> functions = new TreeMap<>();

  public Builtins(List<BuiltinFunction> functions) {
    functions.forEach(function -> this.functions.put(function.name(), function));
  }

  public boolean isInstant(ComponentDefinition component) {
    BuiltinFunction function = functions.get(component.detail("function"));
    return function == null || function.instant();
  }

  public WorkResult perform(AssignedTask task, ComponentDefinition component)
      throws InterruptedException {
    String name = component.detail("function");
    BuiltinFunction function = functions.get(name);
    if (function == null) {
      return Failed.of(
          FailureClass.INVALID_DEFINITION,
          component.componentId()
              + ": taskDetails.function: one of "
              + functions.keySet()
              + " expected, found '"
              + name
              + "'"
              + NearestName.hint(name, functions.keySet()));
    }
    return function.perform(task);
  }
}
