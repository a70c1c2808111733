package dev.nexus.command.execution;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.TaskKey;
import java.time.Instant;

/// What an execution can be asked. Everything a decision needs to know comes with the command.
public sealed interface ExecutionCommand {

  record StartExecution(InvokeRequested request, Plan plan) implements ExecutionCommand {}

  /// The definition it waits for has arrived.
  record ContinueExecution(Plan plan) implements ExecutionCommand {}

  record CancelExecution(String reason, ReplyAddress replyTo) implements ExecutionCommand {}

  record ReportOutcome(OutcomeEvent outcome, Plan.Policy policy) implements ExecutionCommand {}

  record ReportTruth(Json output, String teller) implements ExecutionCommand {}

  /// @param offset where it stands on nexus.requests
  /// @param backlog whether it stood there before its owner came: one before may have refused it
  record ReleaseExecution(boolean discard, ReplyAddress replyTo, long offset, boolean backlog)
      implements ExecutionCommand {}

  /// Asked of a line: an execution is to wait in it.
  record JoinLine(ExecutionId member, Instant since, long place) implements ExecutionCommand {}

  /// Asked of a line: an execution has ended.
  record LeaveLine(ExecutionId member) implements ExecutionCommand {}

  /// Those before it in a line have ended.
  record TakeTurn(ExecutionId line, Plan plan) implements ExecutionCommand {}

  /// Retries, queue limits and the deadline are looked at again.
  record PassTime(Plan.Policy policy) implements ExecutionCommand {}

  /// Nothing was heard of a started task for its lease.
  record GiveUpTask(TaskKey task, Plan.Policy policy) implements ExecutionCommand {}
}
