package dev.nexus.executor.dispatch;

import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Tier;
import dev.nexus.executor.builtin.Builtins;
import dev.nexus.executor.code.CodeWork;
import dev.nexus.executor.command.CommandWork;
import dev.nexus.executor.prompt.PromptWork;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.NearestName;
import dev.nexus.executor.work.Work;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Failed;
import java.util.Optional;

/// Does a task by what its component says: a prompt, code, or a builtin function.
public final class ComponentDispatch implements Work {
  private final Definitions definitions;
  private final PromptWork prompts;
  private final CodeWork code;
  private final Builtins builtins;
  private final CommandWork commands;

  public ComponentDispatch(
      Definitions definitions,
      PromptWork prompts,
      CodeWork code,
      Builtins builtins,
      CommandWork commands) {
    this.definitions = definitions;
    this.prompts = prompts;
    this.code = code;
    this.builtins = builtins;
    this.commands = commands;
  }

  @Override
  public boolean isInstant(AssignedTask task) {
    if (task.runsCandidate()) {
      return false;
    }
    return definitions
        .known(task)
        .flatMap(application -> application.component(task.body().component()))
        .filter(c -> isInstant(c))
        .isPresent();
  }

  private boolean isInstant(ComponentDefinition component) {
    return component.handlerType() == HandlerType.BUILTIN
        && !component.runsCommands()
        && builtins.isInstant(component);
  }

  @Override
  public Tier tier(AssignedTask task) {
    if (task.runsCandidate()) {
      return Tier.CODE;
    }
    return definitions
        .known(task)
        .flatMap(application -> application.component(task.body().component()))
        .map(
            component ->
                switch (component.handlerType()) {
                  case LLM -> Tier.MODEL;
                  case JIT -> Tier.CODE;
                  case BUILTIN, WORKFLOW, TOOL -> Tier.BUILTIN;
                })
        .orElse(Tier.BUILTIN);
  }

  @Override
  public WorkResult perform(AssignedTask task) throws InterruptedException {
    Optional<ApplicationDefinition> application = definitions.awaited(task);
    if (application.isEmpty()) {
      return Failed.of(
          FailureClass.INVALID_DEFINITION,
          "application '"
              + task.envelope().appId()
              + "': version "
              + task.body().definitionDigest()
              + " is not published here");
    }
    Optional<ComponentDefinition> component = application.get().component(task.body().component());
    if (component.isEmpty()) {
      var names =
          application.get().components().stream().map(ComponentDefinition::componentId).toList();
      return Failed.of(
          FailureClass.INVALID_DEFINITION,
          "application '"
              + task.envelope().appId()
              + "': one of "
              + names
              + " expected, found '"
              + task.body().component()
              + "'"
              + NearestName.hint(task.body().component(), names));
    }
    return perform(task, application.get(), component.get());
  }

  private WorkResult perform(
      AssignedTask task, ApplicationDefinition application, ComponentDefinition component)
      throws InterruptedException {
    if (task.runsCandidate()) {
      return code.candidate(task, component);
    }
    return switch (component.handlerType()) {
      case LLM -> prompts.perform(task, component);
      case JIT -> code.script(task, application, component);
      case BUILTIN ->
          component.runsCommands()
              ? commands.perform(task, application, component)
              : builtins.perform(task, component);
      case WORKFLOW, TOOL ->
          Failed.of(
              FailureClass.INVALID_DEFINITION,
              "an executor does LLM, JIT and BUILTIN components, found "
                  + component.handlerType()
                  + " '"
                  + component.componentId()
                  + "'");
    };
  }
}
