package dev.nexus.executor.code;

import dev.nexus.event.NameIds;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Usage;
import dev.nexus.executor.code.CodeOutcome.Deopt;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.schema.OutputCheck;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Deoptimised;
import dev.nexus.executor.work.WorkResult.Failed;
import dev.nexus.executor.work.WorkResult.Succeeded;
import java.util.Optional;

/// Does tasks by code: a candidate that came with its task, or the script of a `JIT` component.
public final class CodeWork {
  private final CodeRunner runner;
  private final OutputCheck outputs;
  private final CodeLimits limits;

  public CodeWork(CodeRunner runner, OutputCheck outputs, CodeLimits limits) {
    this.runner = runner;
    this.outputs = outputs;
    this.limits = limits;
  }

  /// Runs the task's own code, if it is the code that its hash names.
  public WorkResult candidate(AssignedTask task, ComponentDefinition component)
      throws InterruptedException {
    String found = NameIds.sha256(task.body().source());
    if (!found.equals(task.body().candidateHash())) {
      return Failed.of(
          FailureClass.REFUSED,
          "source with SHA-256 " + task.body().candidateHash() + " expected, found " + found);
    }
    return run(task, component, Language.JAVASCRIPT, task.body().source());
  }

  /// Runs the script the component defines.
  public WorkResult script(AssignedTask task, ComponentDefinition component)
      throws InterruptedException {
    String named = component.detail("language");
    Optional<Language> language = Language.named(named);
    if (language.isEmpty()) {
      return Failed.of(
          FailureClass.INVALID_DEFINITION,
          component.componentId()
              + ": language javascript or python expected, found '"
              + named
              + "'");
    }
    String script = component.detail("script");
    if (script.isBlank()) {
      return Failed.of(
          FailureClass.INVALID_DEFINITION,
          component.componentId() + ": taskDetails.script expected, found none");
    }
    return run(task, component, language.get(), script);
  }

  private WorkResult run(
      AssignedTask task, ComponentDefinition component, Language language, String source)
      throws InterruptedException {
    CodeLimits bounded = limits.within(task.body().limits().timeout());
    Script script = new Script(task.envelope().tenantId(), language, source);
    return switch (runner.run(script, task.body().input(), bounded)) {
      case Deopt(var reason) -> new Deoptimised(reason, Usage.NONE);
      case Failure(var failure, var detail) -> Failed.of(failure, detail);
      case Result(var output) -> {
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
}
