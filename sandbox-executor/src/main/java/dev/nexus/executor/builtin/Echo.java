package dev.nexus.executor.builtin;

import dev.nexus.event.definition.Builtin;
import dev.nexus.event.task.Usage;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Succeeded;

/// `echo`: the output is the input.
public final class Echo implements BuiltinFunction {

  @Override
  public String name() {
    return Builtin.ECHO.function();
  }

  @Override
  public boolean instant() {
    return true;
  }

  @Override
  public WorkResult perform(AssignedTask task) {
    return new Succeeded(task.body().input(), Usage.NONE);
  }
}
