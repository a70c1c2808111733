package dev.nexus.command.application;

import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.event.task.Lane;
import dev.nexus.platform.service.RunsContainers;
import dev.nexus.platform.service.RunsPrompts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// What of an application nobody in this process can do now, while somebody applies it: prompts
/// without a model, containers without an engine.
public final class Unserved {
  private Unserved() {}

  /// A sentence of each kind for those who apply. It is no fault: a model or an engine may come
  /// later, code that was proven needs no model, and executors elsewhere, which share the work with
  /// those in this process, may have one.
  ///
  /// @param prompts what is known of prompts in this process; empty where others run them, who
  ///     alone know whether they have a model
  /// @param containers the same of containers
  public static List<String> of(
      ApplicationDefinition definition,
      Optional<RunsPrompts> prompts,
      Optional<RunsContainers> containers) {
    List<String> sentences = new ArrayList<>();
    List<String> asked = names(definition, c -> c.handlerType() == HandlerType.LLM);
    if (!asked.isEmpty()) {
      prompts
          .map(RunsPrompts::unanswered)
          .filter(why -> !why.isEmpty())
          .ifPresent(why -> sentences.add(prompts(asked) + " in this process: " + why));
    }
    Optional<String> noEngine =
        containers.map(RunsContainers::missing).filter(why -> !why.isEmpty());
    List<String> contained = names(definition, c -> c.lane() == Lane.CONTAINER);
    if (!contained.isEmpty()) {
      noEngine.ifPresent(why -> sentences.add(containers(contained) + " in this process: " + why));
    }
    List<String> services =
        definition.services().stream().map(ServiceDefinition::serviceName).toList();
    if (!services.isEmpty()) {
      noEngine.ifPresent(why -> sentences.add(services(services) + " in this process: " + why));
    }
    return List.copyOf(sentences);
  }

  private static List<String> names(
      ApplicationDefinition definition, Predicate<ComponentDefinition> those) {
    return definition.components().stream()
        .filter(those)
        .map(ComponentDefinition::componentId)
        .toList();
  }

  private static String prompts(List<String> names) {
    return names.size() == 1
        ? "the prompt of " + names.getFirst() + " fails when it is asked"
        : "the prompts of " + String.join(", ", names) + " fail when they are asked";
  }

  private static String containers(List<String> names) {
    return names.size() == 1
        ? "the container of " + names.getFirst() + " cannot be had"
        : "the containers of " + String.join(", ", names) + " cannot be had";
  }

  private static String services(List<String> names) {
    return names.size() == 1
        ? "the service " + names.getFirst() + " does not run"
        : "the services " + String.join(", ", names) + " do not run";
  }
}
