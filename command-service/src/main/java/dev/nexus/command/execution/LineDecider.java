package dev.nexus.command.execution;

import dev.nexus.command.execution.Decision.Accepted;
import dev.nexus.command.execution.Decision.Ignored;
import dev.nexus.command.execution.Decision.Reason;
import dev.nexus.command.execution.Decision.Rejected;
import dev.nexus.command.execution.ExecutionCommand.CancelExecution;
import dev.nexus.command.execution.ExecutionCommand.ContinueExecution;
import dev.nexus.command.execution.ExecutionCommand.GiveUpTask;
import dev.nexus.command.execution.ExecutionCommand.JoinLine;
import dev.nexus.command.execution.ExecutionCommand.LeaveLine;
import dev.nexus.command.execution.ExecutionCommand.PassTime;
import dev.nexus.command.execution.ExecutionCommand.ReleaseExecution;
import dev.nexus.command.execution.ExecutionCommand.ReportOutcome;
import dev.nexus.command.execution.ExecutionCommand.ReportTruth;
import dev.nexus.command.execution.ExecutionCommand.StartExecution;
import dev.nexus.command.execution.ExecutionCommand.TakeTurn;
import dev.nexus.command.execution.ExecutionState.Absent;
import dev.nexus.command.execution.ExecutionState.Evicted;
import dev.nexus.command.execution.ExecutionState.Waiting;
import dev.nexus.event.execution.ExecutionEvent.LineJoined;
import dev.nexus.event.execution.ExecutionEvent.LineLeft;

/// Decides who waits in a line.
///
/// News may come twice, and the end of an execution before its beginning. Both are harmless: an
/// execution that is put into a line again after it has ended gets its turn once more and gives it
/// back.
final class LineDecider {
  /// Most executions in a line. It is one value on the shelf of the router, so that this bounds
  /// what each of its facts costs.
  static final int LONGEST = 2_000;

  private LineDecider() {}

  static Decision decide(Waiting line, ExecutionCommand command) {
    return switch (command) {
      case JoinLine(var member, _, _) when line.has(member) -> new Ignored("waits in the line");
      case JoinLine _ when line.members().size() >= LONGEST ->
          new Rejected(
              Reason.LINE_FULL,
              LONGEST
                  + " executions wait in this line already; this one waits outside of it: replay"
                  + " this record when the line is shorter");
      case JoinLine(var member, var since, var place) ->
          Accepted.of(new LineJoined(member, since, place));
      case LeaveLine(var member) ->
          line.has(member)
              ? Accepted.of(new LineLeft(member))
              : new Ignored("does not wait in the line");
      case StartExecution _, CancelExecution _, ReportOutcome _, ReportTruth _ -> noExecution();
      case ReleaseExecution _ ->
          new Rejected(Reason.NOT_QUARANTINED, "the line is not quarantined");
      case ContinueExecution _, TakeTurn _, PassTime _, GiveUpTask _ ->
          new Ignored("a line does nothing by itself");
    };
  }

  /// The first one of a line has its turn at once.
  static Decision first(ExecutionState state, JoinLine ask) {
    return state instanceof Absent || state instanceof Evicted
        ? Accepted.of(new LineJoined(ask.member(), ask.since(), ask.place()))
        : new Rejected(Reason.NO_SUCH_EXECUTION, "this is an execution, not a line");
  }

  private static Decision noExecution() {
    return new Rejected(Reason.NO_SUCH_EXECUTION, "this is a line of executions, not one");
  }
}
