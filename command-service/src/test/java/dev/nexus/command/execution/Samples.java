package dev.nexus.command.execution;

import static dev.nexus.command.execution.DeciderSpec.BEGIN;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.nexus.command.execution.ExecutionCommand.CancelExecution;
import dev.nexus.command.execution.ExecutionCommand.PassTime;
import dev.nexus.command.execution.ExecutionCommand.ReleaseExecution;
import dev.nexus.command.execution.ExecutionCommand.ReportOutcome;
import dev.nexus.command.execution.ExecutionCommand.StartExecution;
import dev.nexus.command.execution.Plan.Choice;
import dev.nexus.command.execution.Plan.Known;
import dev.nexus.command.execution.Plan.Policy;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskDeoptimised;
import dev.nexus.event.execution.ExecutionEvent.TaskFailed;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.execution.ExecutionEvent.TaskStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Lane;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.OutcomeEvent.WorkDeoptimised;
import dev.nexus.event.task.OutcomeEvent.WorkFailed;
import dev.nexus.event.task.OutcomeEvent.WorkStarted;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/// What the specs speak of: a call of `triage` of the application `orders`, and its tasks.
final class Samples {
  static final ReplyAddress CALLER = new ReplyAddress("api-1", 0);
  static final ReplyAddress OTHER_CALLER = new ReplyAddress("api-2", 1);
  static final Json INPUT = new Json("{\"n\":1}");
  static final Json OUTPUT = new Json("{\"ok\":true}");

  /// Who asks for all of it, as `DeciderSpec` says.
  static final String TELLER = "key:spec";

  static final String IDENTITY = "identity-1";
  static final String CODE = "code-1";
  static final String EXECUTOR = "exec-1";
  static final Duration TIMEOUT = Duration.ofMinutes(2);
  static final Duration QUEUE_LIMIT = Duration.ofSeconds(60);
  static final Duration LEASE = Duration.ofSeconds(30);
  static final Policy POLICY =
      new Policy(new RetryPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(10)), QUEUE_LIMIT);
  static final Choice MODEL_SERVES = Choice.definition(Tier.MODEL);
  static final Choice CODE_SERVES = new Choice(Tier.CODE, CODE, "", 7, false);
  static final Choice CODE_SERVES_AUDITED = new Choice(Tier.CODE, CODE, "", 7, true);
  static final Choice MODEL_SERVES_SHADOWED = new Choice(Tier.MODEL, "", CODE, 7, false);
  static final TaskKey SERVE = new TaskKey(1, Role.SERVE, 1);
  static final TaskKey FALLBACK = new TaskKey(1, Role.FALLBACK, 1);
  static final TaskKey SHADOW = new TaskKey(1, Role.SHADOW, 1);
  static final TaskKey AUDIT = new TaskKey(1, Role.AUDIT, 1);

  private Samples() {}

  static ComponentDefinition component(HandlerType type) {
    return component(type, "");
  }

  static ComponentDefinition component(HandlerType type, String pool) {
    return new ComponentDefinition(
        "triage",
        "",
        type,
        Map.of("function", TextNode.valueOf("echo")),
        CanonicalJson.read("{}"),
        CanonicalJson.read("{}"),
        "equal",
        "model",
        TIMEOUT,
        POLICY.retry(),
        PromotionPolicy.OFF,
        pool);
  }

  static Known known(Choice choice) {
    return new Known(component(HandlerType.LLM), IDENTITY, choice, POLICY);
  }

  static InvokeRequested request(Json input, ReplyAddress replyTo) {
    return request(input, replyTo, Duration.ZERO);
  }

  static InvokeRequested request(Json input, ReplyAddress replyTo, Duration timeout) {
    return new InvokeRequested(
        "triage", "d1", input, NameIds.sha256(input.text()), timeout, replyTo, "http");
  }

  static StartExecution start(Plan plan) {
    return new StartExecution(request(INPUT, CALLER), plan);
  }

  static CancelExecution cancel() {
    return new CancelExecution("no longer needed", ReplyAddress.NOBODY);
  }

  /// Asked for just now, so that nobody decided on it before.
  static ReleaseExecution release(boolean discard, ReplyAddress replyTo) {
    return new ReleaseExecution(discard, replyTo, 0, false);
  }

  static PassTime time() {
    return new PassTime(POLICY);
  }

  static ReportOutcome report(OutcomeEvent outcome) {
    return new ReportOutcome(outcome, POLICY);
  }

  static ReportOutcome begun(TaskKey task) {
    return report(new WorkStarted(task, EXECUTOR, LEASE));
  }

  static ReportOutcome done(TaskKey task) {
    return report(new WorkSucceeded(task, EXECUTOR, OUTPUT, Usage.NONE));
  }

  static ReportOutcome declined(TaskKey task) {
    return report(new WorkDeoptimised(task, EXECUTOR, "no repository", Usage.NONE));
  }

  static ReportOutcome broken(TaskKey task, FailureClass failure) {
    return broken(task, failure, Duration.ZERO);
  }

  static ReportOutcome broken(TaskKey task, FailureClass failure, Duration retryAfter) {
    return report(new WorkFailed(task, EXECUTOR, failure, "it broke", retryAfter, Usage.NONE));
  }

  static ExecutionAccepted accepted() {
    return accepted(CALLER);
  }

  static ExecutionAccepted accepted(ReplyAddress replyTo) {
    return new ExecutionAccepted(
        "triage", "d1", INPUT, NameIds.sha256(INPUT.text()), BEGIN.plus(TIMEOUT), replyTo, "http");
  }

  static StepStarted step(Choice choice) {
    return new StepStarted(
        1, choice.tier(), IDENTITY, choice.candidateHash(), choice.routeOffset(), choice.audited());
  }

  static TaskRequested asked(TaskKey task) {
    return asked(task, Duration.ZERO);
  }

  /// A task of the definition itself, asked for `after` the beginning.
  static TaskRequested asked(TaskKey task, Duration after) {
    return new TaskRequested(task, Lane.MODEL, "", BEGIN.plus(after).plus(QUEUE_LIMIT));
  }

  /// A task of generated code.
  static TaskRequested askedOfCode(TaskKey task) {
    return askedOfCode(task, Duration.ZERO);
  }

  static TaskRequested askedOfCode(TaskKey task, Duration after) {
    return new TaskRequested(task, Lane.CODE, CODE, BEGIN.plus(after).plus(QUEUE_LIMIT));
  }

  static TaskStarted started(TaskKey task) {
    return new TaskStarted(task, EXECUTOR, LEASE);
  }

  static TaskSucceeded succeeded(TaskKey task) {
    return new TaskSucceeded(task, EXECUTOR, OUTPUT, Usage.NONE);
  }

  static TaskDeoptimised deoptimised(TaskKey task) {
    return new TaskDeoptimised(task, EXECUTOR, "no repository", Usage.NONE);
  }

  static TaskFailed failed(TaskKey task, FailureClass failure) {
    return new TaskFailed(task, EXECUTOR, failure, "it broke", Instant.EPOCH, Usage.NONE);
  }

  static TaskFailed retriedAfter(TaskKey task, FailureClass failure, Duration after) {
    return new TaskFailed(task, EXECUTOR, failure, "it broke", BEGIN.plus(after), Usage.NONE);
  }

  static TaskFailed lost(TaskKey task, String detail, Duration after) {
    return new TaskFailed(task, "", FailureClass.LOST, detail, BEGIN.plus(after), Usage.NONE);
  }

  static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }
}
