package dev.nexus.executor.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Json;
import dev.nexus.event.definition.Builtin;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Usage;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome.Deopt;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.CodeRunner;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Failed;
import dev.nexus.executor.work.WorkResult.Succeeded;

/// `candidate.evaluate`: runs `source` on `input` and reports what the code did. What the code does
/// wrong is a result of the evaluation, not a failure of it.
public final class CandidateEvaluation implements BuiltinFunction {
  private final CodeRunner runner;
  private final CodeLimits limits;

  public CandidateEvaluation(CodeRunner runner, CodeLimits limits) {
    this.runner = runner;
    this.limits = limits;
  }

  @Override
  public String name() {
    return Builtin.CANDIDATE_EVALUATE.function();
  }

  @Override
  public boolean instant() {
    return false;
  }

  @Override
  public WorkResult perform(AssignedTask task) throws InterruptedException {
    JsonNode request = CanonicalJson.read(task.body().input());
    JsonNode source = request.get("source");
    JsonNode input = request.get("input");
    if (source == null || !source.isTextual() || input == null) {
      return Failed.of(
          FailureClass.REFUSED,
          "an object with 'source' (text) and 'input' expected, found "
              + (request.isObject()
                  ? "fields "
                      + request.properties().stream().map(java.util.Map.Entry::getKey).toList()
                  : request.getNodeType()));
    }
    var outcome =
        runner.run(
            new CodeCall(
                new Script(task.envelope().tenantId(), Language.JAVASCRIPT, source.asText()),
                Home.IN_PROCESS,
                new Json(CanonicalJson.write(input)),
                limits.within(task.body().limits().timeout()),
                task));
    ObjectNode report = JsonNodeFactory.instance.objectNode();
    switch (outcome) {
      case Result(var output, _) -> {
        report.put("status", "result");
        report.set("output", CanonicalJson.read(output));
      }
      case Deopt(var reason, _) -> report.put("status", "deopt").put("reason", reason);
      case Failure(var failure, var detail, _) ->
          report.put("status", "error").put("detail", failure + ": " + detail);
    }
    return new Succeeded(new Json(CanonicalJson.write(report)), Usage.NONE);
  }
}
