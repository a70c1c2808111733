package dev.nexus.command.execution;

import dev.nexus.command.execution.Decision.Accepted;
import dev.nexus.command.execution.Decision.Ignored;
import dev.nexus.command.execution.Decision.Impossible;
import dev.nexus.command.execution.Decision.Reason;
import dev.nexus.command.execution.Decision.Rejected;
import dev.nexus.command.execution.ExecutionState.Absent;
import dev.nexus.command.execution.ExecutionState.Evicted;
import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.command.execution.ExecutionState.Running;
import dev.nexus.command.execution.Work.Status;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.ExecutionTimedOut;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskDeoptimised;
import dev.nexus.event.execution.ExecutionEvent.TaskFailed;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.execution.ExecutionEvent.TaskStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Lane;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.OutcomeEvent.WorkContinued;
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
import java.util.ArrayList;
import java.util.List;

/// Decides what follows from the news of a task: retries, the model in place of code, the end of
/// the execution.
final class TaskDecider {
  private TaskDecider() {}

  static Decision outcome(
      ExecutionState state, OutcomeEvent outcome, Plan.Policy policy, Instant at) {
    if (state instanceof Absent) {
      return new Rejected(
          Reason.NO_SUCH_EXECUTION, "an outcome came for an execution that does not exist");
    }
    TaskKey task = outcome.task();
    var found = state.workOf(task);
    if (state instanceof Evicted || (found.isEmpty() && state instanceof Finished)) {
      return new Ignored("the execution has ended");
    }
    if (found.isPresent() && task.attempt() == found.get().task().attempt() + 1) {
      // Asked for as time passed, by an owner that died before the log had the facts of it.
      return new Ignored("the next attempt, which is yet to be asked for");
    }
    if (found.isEmpty() || task.attempt() > found.get().task().attempt()) {
      return new Impossible(
          outcome.getClass().getSimpleName() + " for " + task + ", which was never requested");
    }
    Work work = found.get();
    if (!work.open()) {
      return outcome instanceof WorkSucceeded success
              && task.role().servesCaller()
              && state instanceof Running
          ? succeeded(state, success, at, policy)
          : new Ignored("the task is closed");
    }
    boolean newest = task.attempt() == work.task().attempt();
    return switch (outcome) {
      case WorkStarted(_, var instance, var lease) ->
          newest && work.status() instanceof Status.Requested
              ? Accepted.of(new TaskStarted(task, instance, lease))
              : new Ignored("started already");
      case WorkContinued _ -> new Ignored("a sign of life is no fact");
      case WorkSucceeded success -> succeeded(state, success, at, policy);
      case WorkDeoptimised(_, var instance, var reason, var usage) ->
          newest
              ? new Accepted(
                  declined(
                      state,
                      work,
                      new TaskDeoptimised(task, instance, reason, usage),
                      new Due(policy, at)))
              : new Ignored("an older attempt declined");
      case WorkFailed failure ->
          newest && !(work.status() instanceof Status.Waiting)
              ? failed(state, work, failure, policy, at)
              : new Ignored("an older attempt failed");
    };
  }

  private static Decision succeeded(
      ExecutionState state, WorkSucceeded success, Instant at, Plan.Policy policy) {
    TaskKey task = success.task();
    List<ExecutionEvent> facts = new ArrayList<>();
    facts.add(new TaskSucceeded(task, success.instance(), success.output(), success.usage()));
    if (task.role().servesCaller() && state instanceof Running running) {
      StepStarted step = running.steps().getLast();
      Tier tier = task.role() == Role.FALLBACK ? Tier.MODEL : step.tier();
      facts.add(new ExecutionSucceeded(success.output(), tier));
      if (step.audited() && task.role() == Role.SERVE) {
        facts.add(
            new TaskRequested(
                new TaskKey(task.step(), Role.AUDIT, 1),
                Lane.MODEL,
                "",
                at.plus(policy.queueLimit())));
      }
    }
    return new Accepted(facts);
  }

  private record Due(Plan.Policy policy, Instant at) {}

  /// Generated code that declined an input is replaced; what is nobody's stand-in cannot be.
  private static List<ExecutionEvent> declined(
      ExecutionState state, Work work, TaskDeoptimised ending, Due due) {
    if (!work.candidateHash().isEmpty()) {
      return replaced(work, ending, due.policy(), due.at());
    }
    return work.task().role().servesCaller() && state instanceof Running
        ? List.of(
            ending,
            new ExecutionFailed(
                FailureClass.REFUSED, "the component declined the input: " + ending.reason()))
        : List.of(ending);
  }

  /// Code that declined or failed for a waiting caller is replaced by the model.
  private static List<ExecutionEvent> replaced(
      Work work, ExecutionEvent ending, Plan.Policy policy, Instant at) {
    List<ExecutionEvent> facts = new ArrayList<>();
    facts.add(ending);
    if (work.task().role() == Role.SERVE) {
      facts.add(
          new TaskRequested(
              new TaskKey(work.task().step(), Role.FALLBACK, 1),
              Lane.MODEL,
              "",
              at.plus(policy.queueLimit())));
    }
    return facts;
  }

  private static Decision failed(
      ExecutionState state, Work work, WorkFailed failure, Plan.Policy policy, Instant at) {
    TaskKey task = work.task();
    FailureClass kind = failure.failure();
    boolean candidate = !work.candidateHash().isEmpty();
    if (candidate && (kind != FailureClass.LOST || spent(task, policy))) {
      return new Accepted(replaced(work, closing(failure, task), policy, at));
    }
    if (kind.retryable() && !spent(task, policy)) {
      Duration backoff = policy.retry().backoffAfter(task.attempt());
      Duration asked = ExecutionDecider.atMost(failure.retryAfter());
      Duration wait = asked.compareTo(backoff) > 0 ? asked : backoff;
      return Accepted.of(
          new TaskFailed(
              task, failure.instance(), kind, failure.detail(), at.plus(wait), failure.usage()));
    }
    List<ExecutionEvent> facts = new ArrayList<>();
    facts.add(closing(failure, task));
    if (task.role().servesCaller() && state instanceof Running) {
      String attempts = task.attempt() > 1 ? " (attempt " + task.attempt() + ", the last)" : "";
      facts.add(new ExecutionFailed(kind, failure.detail() + attempts));
    }
    return new Accepted(facts);
  }

  private static boolean spent(TaskKey task, Plan.Policy policy) {
    return task.attempt() >= policy.retry().maxAttempts();
  }

  private static TaskFailed closing(WorkFailed failure, TaskKey task) {
    return new TaskFailed(
        task,
        failure.instance(),
        failure.failure(),
        failure.detail(),
        Instant.EPOCH,
        failure.usage());
  }

  static Decision passTime(ExecutionState state, Plan.Policy policy, Instant at) {
    if (state instanceof Running running && !at.isBefore(running.deadline())) {
      return Accepted.of(new ExecutionTimedOut(running.deadline()));
    }
    List<ExecutionEvent> facts = new ArrayList<>();
    for (Work work : state.allWorks()) {
      switch (work.status()) {
        case Status.Waiting(var until) when !at.isBefore(until) ->
            facts.add(again(work, policy, at));
        case Status.Requested(var startBy) when !at.isBefore(startBy) -> {
          facts.addAll(lost(work, "not started within its queue limit", policy, at));
        }
        case Status.Waiting _, Status.Requested _, Status.Started _, Status.Closed _ -> {}
      }
    }
    return facts.isEmpty() ? new Ignored("nothing is due") : new Accepted(facts);
  }

  static Decision giveUp(ExecutionState state, TaskKey task, Plan.Policy policy, Instant at) {
    var work = state.workOf(task);
    if (work.isEmpty()
        || work.get().task().attempt() != task.attempt()
        || !(work.get().status() instanceof Status.Started(var instance, var lease, _))) {
      return new Ignored("the task is not under way");
    }
    return new Accepted(
        lost(work.get(), "nothing was heard of " + instance + " for " + lease, policy, at));
  }

  /// Lost work a caller waits for is asked for again until the deadline, of generated code only a
  /// few times, as it may be what kills executors; other work a few times as well.
  private static List<ExecutionEvent> lost(
      Work work, String detail, Plan.Policy policy, Instant at) {
    TaskKey task = work.task();
    boolean candidate = !work.candidateHash().isEmpty();
    if (spent(task, policy) && (candidate || !task.role().servesCaller())) {
      var last = new TaskFailed(task, "", FailureClass.LOST, detail, Instant.EPOCH, Usage.NONE);
      return candidate ? replaced(work, last, policy, at) : List.of(last);
    }
    return List.of(
        new TaskFailed(task, "", FailureClass.LOST, detail, at, Usage.NONE),
        again(work, policy, at));
  }

  private static TaskRequested again(Work work, Plan.Policy policy, Instant at) {
    return new TaskRequested(
        work.task().next(), work.lane(), work.candidateHash(), at.plus(policy.queueLimit()));
  }
}
