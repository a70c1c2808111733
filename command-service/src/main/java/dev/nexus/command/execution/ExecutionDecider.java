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
import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.command.execution.ExecutionState.Quarantined;
import dev.nexus.command.execution.ExecutionState.Running;
import dev.nexus.command.execution.ExecutionState.Waiting;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.definition.PublishedVersion;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.CallerJoined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionReleased;
import dev.nexus.event.execution.ExecutionEvent.RecordParked;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.execution.ExecutionEvent.TurnReturned;
import dev.nexus.event.execution.ExecutionEvent.TurnTaken;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Lane;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Decides what follows from a command. Pure: the same state, command and time give the same facts.
public final class ExecutionDecider {
  /// Longest time of an execution whose definition has not arrived, when the request sets none.
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /// No time a caller or an executor names is taken for longer than this.
  static final Duration LONGEST = PublishedVersion.LONGEST;

  /// Most news kept of an execution in quarantine.
  static final int MOST_PARKED = 500;

  private static final Rejected NOT_QUARANTINED =
      new Rejected(Reason.NOT_QUARANTINED, "the execution is not quarantined");

  private ExecutionDecider() {}

  public static Decision decide(ExecutionState state, ExecutionCommand command, Instant at) {
    if (state instanceof Quarantined quarantined) {
      return inQuarantine(quarantined, command);
    }
    if (state instanceof Waiting line) {
      return LineDecider.decide(line, command);
    }
    return switch (command) {
      case StartExecution(var request, var plan) -> start(state, request, plan, at);
      case ContinueExecution(var plan) -> proceed(state, plan, at);
      case CancelExecution cancel -> cancel(state, cancel);
      case ReportOutcome(var outcome, var policy) ->
          TaskDecider.outcome(state, outcome, policy, at);
      case ReportTruth(var output, var teller) -> truth(state, output, teller);
      case ReleaseExecution _ ->
          state instanceof Absent
              ? new Rejected(Reason.NO_SUCH_EXECUTION, "there is no such execution to release")
              : NOT_QUARANTINED;
      case JoinLine ask -> LineDecider.first(state, ask);
      case LeaveLine _ -> new Ignored("nobody waits in the line");
      case TakeTurn(var line, var plan) -> take(state, line, plan, at);
      case PassTime(var policy) -> TaskDecider.passTime(state, policy, at);
      case GiveUpTask(var task, var policy) -> TaskDecider.giveUp(state, task, policy, at);
    };
  }

  /// Refuses what is asked in the name of an application the execution does not belong to; `appId`
  /// "" is asked in the name of none.
  public static Optional<Rejected> foreign(ExecutionState state, String appId) {
    return appId.isEmpty() || state.appId().isEmpty() || appId.equals(state.appId())
        ? Optional.empty()
        : Optional.of(
            new Rejected(
                Reason.NO_SUCH_EXECUTION, "application " + appId + " has no such execution"));
  }

  /// News that nobody waits for is kept until the release; who waits is told at once that he waits
  /// in vain.
  private static Decision inQuarantine(Quarantined state, ExecutionCommand command) {
    return switch (command) {
      case ReleaseExecution release -> release(state, release);
      case ReportOutcome _, ReportTruth _ when hasRoom(state) -> Accepted.of(new RecordParked());
      // Without its turn it could not go on, and others wait behind it.
      case TakeTurn _ when state.begun().isPresent() -> Accepted.of(new RecordParked());
      case TakeTurn(var line, _) -> Accepted.of(new TurnReturned(line));
      case CancelExecution(_, var caller) when !caller.waiting() && hasRoom(state) ->
          Accepted.of(new RecordParked());
      case StartExecution _,
          ContinueExecution _,
          JoinLine _,
          LeaveLine _,
          CancelExecution _,
          ReportOutcome _,
          ReportTruth _ ->
          new Rejected(Reason.QUARANTINED, "the execution is quarantined: " + state.reason());
      case PassTime _, GiveUpTask _ -> new Ignored("quarantined");
    };
  }

  private static boolean hasRoom(Quarantined state) {
    return state.begun().isPresent() && state.parked().size() < MOST_PARKED;
  }

  private static Decision start(
      ExecutionState state, InvokeRequested request, Plan plan, Instant at) {
    if (!(state instanceof Absent)) {
      return repeat(state, request);
    }
    boolean waits = request.line().exists();
    Duration limit =
        request.timeout().isPositive()
            ? atMost(request.timeout())
            : waits ? LONGEST : timeout(plan);
    List<ExecutionEvent> facts = new ArrayList<>();
    facts.add(
        new ExecutionAccepted(
            request.component(),
            request.definitionDigest(),
            request.input(),
            request.bodyDigest(),
            at.plus(limit),
            request.replyTo(),
            request.origin(),
            request.line()));
    if (!waits) {
      facts.addAll(firstStep(plan, at));
    }
    return new Accepted(facts);
  }

  private static Duration timeout(Plan plan) {
    return plan instanceof Plan.Known known ? known.component().timeout() : PATIENCE;
  }

  /// It begins, or gives a turn back that it has no use for, so that its line goes on. The turn
  /// that it has is given back by its end only.
  private static Decision take(ExecutionState state, ExecutionId line, Plan plan, Instant at) {
    if (!(state instanceof Running running) || !running.line().is(line)) {
      return Accepted.of(new TurnReturned(line));
    }
    if (!running.awaitsTurn()) {
      return new Ignored("has its turn");
    }
    Instant deadline = at.plus(timeout(plan));
    List<ExecutionEvent> facts = new ArrayList<>();
    facts.add(new TurnTaken(deadline.isBefore(running.deadline()) ? deadline : running.deadline()));
    facts.addAll(firstStep(plan, at));
    return new Accepted(facts);
  }

  /// A caller repeats a call: it gets the recorded answer, now or when there is one.
  private static Decision repeat(ExecutionState state, InvokeRequested request) {
    if (state instanceof Evicted) {
      return new Rejected(
          Reason.EXPIRED,
          "this idempotency key was used so long ago that its answer is gone; use a new key");
    }
    var accepted = state.begun().orElseThrow().accepted();
    if (!accepted.bodyDigest().equals(request.bodyDigest())) {
      return new Rejected(
          Reason.IDEMPOTENCY_KEY_REUSED,
          "this idempotency key was used with another body; use a new key for a new call");
    }
    return switch (state) {
      case Running running -> {
        List<ExecutionEvent> joining = joining(running, request.replyTo());
        yield joining.isEmpty() ? new Ignored("repeated request") : new Accepted(joining);
      }
      case Finished _ -> new Decision.AnsweredAgain();
      case Absent _, Evicted _, Quarantined _, Waiting _ ->
          throw new IllegalStateException("handled before");
    };
  }

  private static Decision proceed(ExecutionState state, Plan plan, Instant at) {
    if (!(state instanceof Running running) || !running.awaitsDefinition()) {
      return new Ignored("does not wait for a definition");
    }
    List<ExecutionEvent> facts = firstStep(plan, at);
    return facts.isEmpty() ? new Ignored("definition still unknown") : new Accepted(facts);
  }

  private static List<ExecutionEvent> firstStep(Plan plan, Instant at) {
    return switch (plan) {
      case Plan.Unknown() -> List.of();
      case Plan.Missing(var detail) ->
          List.of(new ExecutionFailed(FailureClass.INVALID_DEFINITION, detail));
      case Plan.Known known -> step(1, known, at);
    };
  }

  private static List<ExecutionEvent> step(int step, Plan.Known plan, Instant at) {
    Plan.Choice choice = plan.choice();
    List<ExecutionEvent> facts = new ArrayList<>();
    facts.add(
        new StepStarted(
            step,
            choice.tier(),
            plan.identityDigest(),
            choice.candidateHash(),
            choice.routeOffset(),
            choice.audited()));
    Lane lane = choice.candidateHash().isEmpty() ? plan.component().lane() : Lane.CODE;
    Instant startBy = at.plus(plan.policy().queueLimit());
    facts.add(
        new TaskRequested(new TaskKey(step, Role.SERVE, 1), lane, choice.candidateHash(), startBy));
    if (!choice.shadowHash().isEmpty()) {
      facts.add(
          new TaskRequested(
              new TaskKey(step, Role.SHADOW, 1), Lane.CODE, choice.shadowHash(), startBy));
    }
    return facts;
  }

  /// Whoever asks for the end of an execution waits for its end like any caller.
  private static List<ExecutionEvent> joining(Running running, ReplyAddress caller) {
    return !caller.waiting() || running.callers().contains(caller)
        ? List.of()
        : List.of(new CallerJoined(caller));
  }

  /// A refusal leaves no fact: what was refused before the quarantine may be read again, and is
  /// refused with the same words.
  private static Decision release(Quarantined state, ReleaseExecution command) {
    if (state.held() instanceof Absent) {
      return new Rejected(Reason.NO_SUCH_EXECUTION, "nothing was ever accepted of this execution");
    }
    if (command.backlog() && command.offset() < state.releaseFrom()) {
      return NOT_QUARANTINED;
    }
    List<ExecutionEvent> facts = new ArrayList<>();
    if (state.held() instanceof Running running) {
      facts.addAll(joining(running, command.replyTo()));
    }
    facts.add(new ExecutionReleased(command.discard()));
    return new Accepted(facts);
  }

  private static Decision cancel(ExecutionState state, CancelExecution command) {
    return switch (state) {
      case Absent() ->
          new Rejected(Reason.NO_SUCH_EXECUTION, "there is no such execution to cancel");
      case Running running -> {
        List<ExecutionEvent> facts = new ArrayList<>(joining(running, command.replyTo()));
        facts.add(new ExecutionCancelled(command.reason()));
        yield new Accepted(facts);
      }
      case Finished(_, _, ExecutionCancelled _, _, _, _, _) -> new Decision.AnsweredAgain();
      case Finished _, Evicted _ ->
          new Rejected(Reason.ALREADY_FINISHED, "the execution has ended already");
      case Quarantined _, Waiting _ -> throw new IllegalStateException("handled before");
    };
  }

  private static Decision truth(ExecutionState state, Json output, String teller) {
    if (state instanceof Absent) {
      return new Rejected(
          Reason.NO_SUCH_EXECUTION, "truth was reported for an execution that does not exist");
    }
    if (state.truths().endWith(output, teller)) {
      return new Ignored("told already");
    }
    return state.truths().full()
        ? new Rejected(
            Reason.TOO_MANY_TRUTHS,
            "this execution has been told "
                + state.truths().told()
                + " truths, and takes "
                + Truths.MOST
                + " at most")
        : Accepted.of(new TruthReported(output));
  }

  static Duration atMost(Duration time) {
    return time.compareTo(LONGEST) > 0 ? LONGEST : time;
  }
}
