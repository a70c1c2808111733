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
import java.util.Set;

/// Does tasks by code: a candidate that came with its task, or the script of a `JIT` component.
public final class CodeWork {
  private static final Set<String> LANGUAGES = Set.of("", "javascript", "js");

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
    return run(task, component, task.body().source());
  }

  /// Runs the script the component defines.
  public WorkResult script(AssignedTask task, ComponentDefinition component)
      throws InterruptedException {
    String language = component.detail("language");
    if (!LANGUAGES.contains(language)) {
      return Failed.of(
          FailureClass.INVALID_DEFINITION,
          component.componentId() + ": language javascript expected, found '" + language + "'");
    }
    String script = component.detail("script");
    if (script.isBlank()) {
      return Failed.of(
          FailureClass.INVALID_DEFINITION,
          component.componentId() + ": taskDetails.script expected, found none");
    }
    return run(task, component, script);
  }

  private WorkResult run(AssignedTask task, ComponentDefinition component, String source)
      throws InterruptedException {
    CodeLimits bounded = limits.within(task.body().limits().timeout());
    return switch (runner.run(source, task.body().input(), bounded)) {
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
