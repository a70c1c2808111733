package dev.nexus.command.application;

import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.platform.service.RunsPrompts;
import java.util.List;
import java.util.Optional;

/// That no model answers the prompts of an application, while somebody applies it.
public final class MissingModel {
  private MissingModel() {}

  /// A sentence for those who apply; empty when there is a model, or no prompt. It is no fault: a
  /// model may be configured later, code that was proven needs none, and executors elsewhere, which
  /// share the work with those in this process, may have one.
  ///
  /// @param here what is known of prompts in this process; empty where others run them, who alone
  ///     know whether they have a model
  public static Optional<String> of(ApplicationDefinition definition, Optional<RunsPrompts> here) {
    List<String> prompts =
        definition.components().stream()
            .filter(component -> component.handlerType() == HandlerType.LLM)
            .map(ComponentDefinition::componentId)
            .toList();
    return here.map(RunsPrompts::unanswered)
        .filter(why -> !why.isEmpty() && !prompts.isEmpty())
        .map(why -> fail(prompts) + why);
  }

  private static String fail(List<String> prompts) {
    return prompts.size() == 1
        ? "the prompt of " + prompts.getFirst() + " fails when it is asked in this process: "
        : "the prompts of "
            + String.join(", ", prompts)
            + " fail when they are asked in this process: ";
  }
}
