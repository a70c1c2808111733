package dev.nexus.executor.code;

import dev.nexus.event.Excerpt;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.PoolDefinition;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Usage;
import dev.nexus.executor.code.CodeOutcome.Deopt;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Program.ImageHandler;
import dev.nexus.executor.code.Program.Module;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.schema.OutputCheck;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Deoptimised;
import dev.nexus.executor.work.WorkResult.Failed;
import dev.nexus.executor.work.WorkResult.Succeeded;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does tasks by code: a candidate that came with its task, or the script of a `JIT` component.
public final class CodeWork {
  private static final Logger LOG = LoggerFactory.getLogger(CodeWork.class);
  private static final int MOST_PRINTED = 4_000;

  private final CodeRunner runner;
  private final OutputCheck outputs;
  private final CodeLimits limits;

  public CodeWork(CodeRunner runner, OutputCheck outputs, CodeLimits limits) {
    this.runner = runner;
    this.outputs = outputs;
    this.limits = limits;
  }

  /// Runs the task's own code, if it is the code that its hash names. Nobody has granted it
  /// anything.
  public WorkResult candidate(AssignedTask task, ComponentDefinition component)
      throws InterruptedException {
    String found = NameIds.sha256(task.body().source());
    if (!found.equals(task.body().candidateHash())) {
      return Failed.of(
          FailureClass.REFUSED,
          "source with SHA-256 " + task.body().candidateHash() + " expected, found " + found);
    }
    return run(
        task,
        component,
        new Script(task.envelope().tenantId(), Language.JAVASCRIPT, task.body().source()),
        Home.IN_PROCESS,
        Set.of(),
        Duration.ZERO);
  }

  /// Runs the script the component defines, or the handler of its pool's image.
  public WorkResult script(
      AssignedTask task, ApplicationDefinition application, ComponentDefinition component)
      throws InterruptedException {
    Home home = Home.IN_PROCESS;
    if (!component.pool().isEmpty()) {
      Optional<PoolDefinition> pool = application.pool(component.pool());
      if (pool.isEmpty()) {
        return invalid(
            component,
            "targetPoolName: one of "
                + application.pools().stream().map(PoolDefinition::poolName).toList()
                + " expected, found '"
                + component.pool()
                + "'");
      }
      home = new Home.Pool(task.envelope().tenantId(), application.appId(), pool.get());
    }
    String named = component.detail("language");
    String script = component.detail("script");
    if (named.equals(Module.LANGUAGE)) {
      return home instanceof Home.Pool || script.isBlank()
          ? invalid(component, "a module expected, and no pool")
          : granted(task, component, new Module(task.envelope().tenantId(), script), home);
    }
    Optional<Language> language = Language.named(named);
    if (language.isEmpty()) {
      return invalid(
          component, "language javascript, python or wasm expected, found '" + named + "'");
    }
    if (!script.isBlank()) {
      return granted(
          task, component, new Script(task.envelope().tenantId(), language.get(), script), home);
    }
    return home instanceof Home.Pool(_, _, var pool) && pool.answersItself()
        ? granted(task, component, new ImageHandler(task.envelope().tenantId()), home)
        : invalid(component, "taskDetails.script expected, found none");
  }

  private static WorkResult invalid(ComponentDefinition component, String fault) {
    return Failed.of(FailureClass.INVALID_DEFINITION, component.componentId() + ": " + fault);
  }

  private WorkResult granted(
      AssignedTask task, ComponentDefinition component, Program program, Home home)
      throws InterruptedException {
    return run(task, component, program, home, component.capabilities(), Duration.ZERO);
  }

  /// Has a program run for a task, and judges what came of it.
  ///
  /// @param granted what it may ask for
  /// @param most longest time that its caller gives it, within that of the task; zero leaves it at
  ///     that
  public WorkResult run(
      AssignedTask task,
      ComponentDefinition component,
      Program program,
      Home home,
      Set<Capability> granted,
      Duration most)
      throws InterruptedException {
    Duration ofTask = task.body().limits().timeout();
    CodeLimits bounded =
        switch (home) {
          case Home.InProcess _ -> limits.within(ofTask).within(most);
          case Home.Pool _ -> limits.lasting(ofTask).within(most);
        };
    CodeOutcome outcome =
        runner.run(new CodeCall(program, home, task.body().input(), bounded, granted, task));
    tell(task, outcome.logs());
    return switch (outcome) {
      case Deopt(var reason, _) -> new Deoptimised(reason, Usage.NONE);
      case Failure(var failure, var detail, _) -> Failed.of(failure, detail);
      case Result(var output, _) -> {
        Optional<String> violation =
            outputs.applies(component)
                ? outputs.violation(
                    task.body().definitionDigest(), component, CanonicalJson.read(output))
                : Optional.empty();
        yield violation.isEmpty()
            ? new Succeeded(output, Usage.NONE)
            : Failed.of(FailureClass.INVALID_RESULT, "output: " + violation.get());
      }
    };
  }

  /// What code printed is a line on `nexus.logs` like those of services.
  private static void tell(AssignedTask task, String logs) {
    if (!logs.isBlank()) {
      LOG.atInfo()
          .addKeyValue("application", task.envelope().appId())
          .addKeyValue("component", task.body().component())
          .addKeyValue("execution", task.envelope().executionId())
          .addKeyValue("printed", Excerpt.of(logs.strip(), MOST_PRINTED))
          .log("code printed");
    }
  }
}
