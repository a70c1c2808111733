package dev.nexus.oracle.topology;

import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskDeoptimised;
import dev.nexus.event.execution.ExecutionEvent.TaskFailed;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Lane;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.oracle.topology.Call.CodeAnswer;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/// The facts that a router makes of a call and of what the oracle asks for.
record CallScript(
    CurrentVersions versions,
    Function<Json, Json> model,
    BiFunction<String, Json, CodeAnswer> code,
    Function<Json, Json> generator) {

  /// A route and where it stands.
  record Route(RouteSet set, long offset) {}

  /// From the request to the report of the truth.
  List<ExecutionEvent> facts(
      String execution, Json input, Json truth, Optional<Route> newest, Instant now) {
    Version version = versions.of(TenantId.DEFAULT, TestDefinitions.APP).orElseThrow();
    ComponentDefinition component =
        version.application().component(TestDefinitions.COMPONENT).orElseThrow();
    String identity = component.identityDigest();
    Optional<Route> route = newest.filter(r -> r.set().subject().identityDigest().equals(identity));
    boolean byCode = route.isPresent() && chosen(execution, "serve", route.get());
    boolean audited = byCode && chosen(execution, "audit", route.get());
    boolean shadowed = !byCode && route.isPresent() && chosen(execution, "shadow", route.get());
    String hash = route.map(r -> r.set().candidate().candidateHash()).orElse("");
    String source = route.map(r -> r.set().source()).orElse("");
    List<ExecutionEvent> facts = new ArrayList<>();
    facts.add(
        new ExecutionAccepted(
            TestDefinitions.COMPONENT,
            version.digest(),
            input,
            "",
            now,
            ReplyAddress.NOBODY,
            "http"));
    facts.add(
        new StepStarted(
            1,
            byCode ? Tier.CODE : Tier.MODEL,
            identity,
            byCode ? hash : "",
            route.map(Route::offset).orElse(-1L),
            audited));
    if (shadowed) {
      facts.add(new TaskRequested(new TaskKey(1, Role.SHADOW, 1), Lane.CODE, hash, now));
    }
    if (byCode) {
      CodeAnswer answer = code.apply(source, input);
      facts.add(outcome(Role.SERVE, answer));
      if (!(answer instanceof CodeAnswer.Answered)) {
        facts.add(success(Role.FALLBACK, model.apply(input)));
      } else if (audited) {
        facts.add(success(Role.AUDIT, model.apply(input)));
      }
    } else {
      facts.add(success(Role.SERVE, model.apply(input)));
    }
    if (shadowed) {
      facts.add(outcome(Role.SHADOW, code.apply(source, input)));
    }
    facts.add(new TruthReported(truth));
    return facts;
  }

  /// What the system application answers.
  Json answer(InvokeRequested request) {
    return request.component().equals(SystemApplication.SYNTHESIZE)
        ? generator.apply(request.input())
        : TestDefinitions.trial(code, request.input());
  }

  private static TaskSucceeded success(Role role, Json output) {
    return new TaskSucceeded(new TaskKey(1, role, 1), "test", output, Usage.NONE);
  }

  private static ExecutionEvent outcome(Role role, CodeAnswer answer) {
    TaskKey task = new TaskKey(1, role, 1);
    return switch (answer) {
      case CodeAnswer.Answered(var output) -> success(role, output);
      case CodeAnswer.Declined(var reason) -> new TaskDeoptimised(task, "test", reason, Usage.NONE);
      case CodeAnswer.Failed(var detail) ->
          new TaskFailed(task, "test", FailureClass.CRASH, detail, Instant.EPOCH, Usage.NONE);
    };
  }

  private static boolean chosen(String execution, String what, Route route) {
    int permille =
        switch (what) {
          case "serve" -> route.set().codePermille();
          case "audit" -> route.set().auditPermille();
          default -> route.set().shadowPermille();
        };
    long draw = NameIds.uuid5(route.set().salt() + what, execution).getMostSignificantBits() >>> 16;
    return Long.remainderUnsigned(draw, 1000) < permille;
  }
}
