package dev.nexus.command.execution;

import dev.nexus.event.Json;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.TaskKey;

/// What an execution can be asked. Everything a decision needs to know comes with the command.
public sealed interface ExecutionCommand {

  record StartExecution(InvokeRequested request, Plan plan) implements ExecutionCommand {}

  /// The definition it waits for has arrived.
  record ContinueExecution(Plan plan) implements ExecutionCommand {}

  record CancelExecution(String reason, ReplyAddress replyTo) implements ExecutionCommand {}

  record ReportOutcome(OutcomeEvent outcome, Plan.Policy policy) implements ExecutionCommand {}

  record ReportTruth(Json output) implements ExecutionCommand {}

  record ReleaseExecution(boolean discard, ReplyAddress replyTo) implements ExecutionCommand {}

  /// Retries, queue limits and the deadline are looked at again.
  record PassTime(Plan.Policy policy) implements ExecutionCommand {}

  /// Nothing was heard of a started task for its lease.
  record GiveUpTask(TaskKey task, Plan.Policy policy) implements ExecutionCommand {}
}
