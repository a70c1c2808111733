package dev.nexus.command.execution;

import dev.nexus.command.execution.Consequence.AssignTask;
import dev.nexus.command.execution.Consequence.CancelTask;
import dev.nexus.command.execution.Consequence.GrantTurn;
import dev.nexus.command.execution.Consequence.Reply;
import dev.nexus.command.execution.Consequence.ReportEnd;
import dev.nexus.command.execution.ExecutionState.Quarantined;
import dev.nexus.command.execution.ExecutionState.Running;
import dev.nexus.command.execution.ExecutionState.Waiting;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.CallerJoined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionReleased;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.ExecutionTimedOut;
import dev.nexus.event.execution.ExecutionEvent.LineJoined;
import dev.nexus.event.execution.ExecutionEvent.LineLeft;
import dev.nexus.event.execution.ExecutionEvent.RecordParked;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskDeoptimised;
import dev.nexus.event.execution.ExecutionEvent.TaskFailed;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.execution.ExecutionEvent.TaskStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.execution.ExecutionEvent.TurnReturned;
import dev.nexus.event.execution.ExecutionEvent.TurnTaken;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ProblemReplied;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Tasks, replies and news for other executions follow from facts, by this table and nothing else.
public final class Consequences {
  private Consequences() {}

  /// What goes out because of `fact`, which met the state `before`.
  public static List<Consequence> of(ExecutionState before, Event<ExecutionEvent> fact) {
    return switch (fact.body()) {
      case TaskRequested requested -> List.of(new AssignTask(requested));
      case TaskSucceeded succeeded -> superseded(before, succeeded);
      case ExecutionSucceeded _,
          ExecutionFailed _,
          ExecutionCancelled _,
          ExecutionTimedOut _,
          ExecutionQuarantined _ ->
          ending(before, fact);
      case ExecutionReleased(boolean discard) -> discard ? ending(before, fact) : List.of();
      case TurnReturned(var line) -> List.of(new ReportEnd(line, fact.envelope().sequence()));
      case LineJoined _, LineLeft _ -> turn(before, fact);
      case ExecutionAccepted _,
          TurnTaken _,
          CallerJoined _,
          StepStarted _,
          TaskStarted _,
          TaskFailed _,
          TaskDeoptimised _,
          TruthReported _,
          RecordParked _ ->
          List.of();
    };
  }

  /// Whoever is first in a line and was not before has his turn.
  private static List<Consequence> turn(ExecutionState before, Event<ExecutionEvent> fact) {
    Optional<ExecutionId> first = first(ExecutionFold.apply(before, fact));
    return first.isEmpty() || first.equals(first(before))
        ? List.of()
        : List.of(new GrantTurn(first.get(), fact.envelope().sequence()));
  }

  private static Optional<ExecutionId> first(ExecutionState state) {
    return state instanceof Waiting(_, var members, _) && !members.isEmpty()
        ? Optional.of(members.getFirst().execution())
        : Optional.empty();
  }

  /// An older attempt was faster than the newest one, which nobody needs any more.
  private static List<Consequence> superseded(ExecutionState before, TaskSucceeded succeeded) {
    return before
        .workOf(succeeded.task())
        .filter(newest -> newest.asked() && !newest.task().equals(succeeded.task()))
        .<List<Consequence>>map(
            newest -> List.of(new CancelTask(newest.task(), "an older attempt succeeded")))
        .orElse(List.of());
  }

  private static List<Consequence> ending(ExecutionState before, Event<ExecutionEvent> fact) {
    ExecutionState met = before instanceof Quarantined(var held, _, _, _, _) ? held : before;
    if (!(met instanceof Running running)) {
      return List.of();
    }
    long sequence = fact.envelope().sequence();
    List<Consequence> consequences = new ArrayList<>();
    if (running.line().exists() && !(fact.body() instanceof ExecutionQuarantined)) {
      consequences.add(new ReportEnd(running.line().id(), sequence));
    }
    for (var caller : running.callers()) {
      consequences.add(
          new Reply(
              caller.replyPartition(),
              answer(caller.replyInstance(), fact.body(), sequence),
              sequence));
    }
    if (!(fact.body() instanceof ExecutionQuarantined)) {
      boolean succeeded = fact.body() instanceof ExecutionSucceeded;
      for (Work work : running.works()) {
        if (work.asked() && (!succeeded || work.task().role().servesCaller())) {
          consequences.add(new CancelTask(work.task(), fact.body().getClass().getSimpleName()));
        }
      }
    }
    return consequences;
  }

  /// The answer that an ending fact gives to a caller.
  public static ReplyEvent answer(String instance, ExecutionEvent ending, long sequence) {
    return switch (ending) {
      case ExecutionSucceeded(var output, var tier) ->
          new ResultReplied(instance, output, tier, sequence);
      case ExecutionFailed(var failure, var detail) ->
          new ProblemReplied(
              instance,
              "failed",
              failure.name().toLowerCase(Locale.ROOT).replace('_', '-') + ": " + detail,
              sequence);
      case ExecutionCancelled(var reason) ->
          new ProblemReplied(instance, "cancelled", reason, sequence);
      case ExecutionTimedOut(var deadline) ->
          new ProblemReplied(instance, "timed-out", "no result by " + deadline, sequence);
      case ExecutionQuarantined(var reason, _) ->
          new ProblemReplied(instance, "quarantined", reason, sequence);
      case ExecutionReleased _ ->
          new ProblemReplied(instance, "cancelled", "discarded by an operator", sequence);
      case ExecutionAccepted _,
          TurnTaken _,
          TurnReturned _,
          LineJoined _,
          LineLeft _,
          CallerJoined _,
          StepStarted _,
          TaskRequested _,
          TaskStarted _,
          TaskSucceeded _,
          TaskFailed _,
          TaskDeoptimised _,
          TruthReported _,
          RecordParked _ ->
          throw new IllegalArgumentException(
              ending.getClass().getSimpleName() + " ends no execution");
    };
  }
}
