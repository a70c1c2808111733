package dev.nexus.command.execution;

import dev.nexus.command.execution.ExecutionState.Absent;
import dev.nexus.command.execution.ExecutionState.Evicted;
import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.command.execution.ExecutionState.Origin;
import dev.nexus.command.execution.ExecutionState.Quarantined;
import dev.nexus.command.execution.ExecutionState.Running;
import dev.nexus.command.execution.ExecutionState.Waiting;
import dev.nexus.command.execution.Work.Status;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Position;
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
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.TaskKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The only way facts become state, live and on replay alike.
public final class ExecutionFold {
  private ExecutionFold() {}

  /// Folds one fact; throws `ImpossibleFactException` where it cannot follow from the state.
  public static ExecutionState apply(ExecutionState state, Event<ExecutionEvent> fact) {
    Envelope envelope = fact.envelope();
    long sequence = envelope.sequence();
    if (sequence != state.sequence() + 1) {
      throw new ImpossibleFactException(
          "sequence " + (state.sequence() + 1) + " expected, found " + sequence);
    }
    return switch (fact.body()) {
      case ExecutionAccepted accepted -> accept(state, envelope, accepted);
      case TurnTaken turn -> {
        Running running = running(state, fact);
        yield new Running(
            running.origin(),
            Optional.of(turn),
            running.steps(),
            running.works(),
            running.callers(),
            running.truths(),
            sequence);
      }
      case TurnReturned _ ->
          state instanceof Absent
              ? new Evicted(envelope.appId(), Truths.NONE, sequence)
              : resequenced(state, sequence);
      case LineJoined joined -> LineFold.join(state, envelope, joined);
      case LineLeft(var member) -> LineFold.leave(state, member, sequence);
      case CallerJoined(var replyTo) -> join(state, fact, replyTo);
      case StepStarted step -> {
        Running running = running(state, fact);
        List<StepStarted> steps = new ArrayList<>(running.steps());
        steps.add(step);
        yield with(running, steps, running.works(), running.callers(), sequence);
      }
      case TaskRequested requested -> request(state, requested, sequence);
      case TaskStarted(var task, var instance, var lease) ->
          change(state, fact, task, new Status.Started(instance, lease, envelope.occurredAt()));
      case TaskSucceeded succeeded -> change(state, fact, succeeded.task(), new Status.Closed());
      case TaskDeoptimised deopt -> change(state, fact, deopt.task(), new Status.Closed());
      case TaskFailed failed ->
          change(
              state,
              fact,
              failed.task(),
              failed.retried() ? new Status.Waiting(failed.retryAt()) : new Status.Closed());
      case ExecutionSucceeded _, ExecutionFailed _, ExecutionCancelled _, ExecutionTimedOut _ ->
          finish(running(state, fact), fact);
      case TruthReported(var output) ->
          with(resequenced(state, sequence), state.truths().and(output, fact.envelope().actor()));
      case ExecutionQuarantined(var reason, long releaseFrom) ->
          Quarantined.of(state, reason, releaseFrom, sequence);
      case RecordParked() -> park(state, fact);
      case ExecutionReleased(boolean discard) -> release(state, fact, discard);
    };
  }

  private static ExecutionState accept(
      ExecutionState state, Envelope envelope, ExecutionAccepted accepted) {
    if (!(state instanceof Absent)) {
      throw new ImpossibleFactException("ExecutionAccepted on an execution that exists");
    }
    List<ReplyAddress> callers =
        accepted.replyTo().waiting() ? List.of(accepted.replyTo()) : List.of();
    return new Running(
        new Origin(envelope, accepted),
        Optional.empty(),
        List.of(),
        List.of(),
        callers,
        Truths.NONE,
        envelope.sequence());
  }

  private static ExecutionState join(
      ExecutionState state, Event<ExecutionEvent> fact, ReplyAddress replyTo) {
    if (state instanceof Quarantined(var held, var reason, long from, var parked, _)) {
      return new Quarantined(
          join(held, fact, replyTo), reason, from, parked, fact.envelope().sequence());
    }
    Running running = running(state, fact);
    return with(
        running,
        running.steps(),
        running.works(),
        added(running, replyTo),
        fact.envelope().sequence());
  }

  /// An execution that has ended, by its first and its ending fact alone: the others are gone.
  ///
  /// @param sequence of its last fact
  public static Finished finished(
      Event<ExecutionEvent> first, Event<ExecutionEvent> ending, Truths truths, long sequence) {
    if (!(first.body() instanceof ExecutionAccepted accepted)) {
      throw new ImpossibleFactException(name(first) + " begins no execution");
    }
    return new Finished(
        new Origin(first.envelope(), accepted),
        List.of(),
        ending.body(),
        ending.envelope().occurredAt(),
        ending.envelope().sequence(),
        truths,
        sequence);
  }

  private static ExecutionState request(
      ExecutionState state, TaskRequested requested, long sequence) {
    TaskKey task = requested.task();
    Work work =
        new Work(
            task,
            requested.lane(),
            requested.candidateHash(),
            new Status.Requested(requested.startBy()));
    List<Work> works = new ArrayList<>(state.allWorks());
    works.removeIf(w -> w.task().sameWork(task));
    works.add(work);
    return withWorks(state, works, sequence);
  }

  private static ExecutionState change(
      ExecutionState state, Event<ExecutionEvent> fact, TaskKey task, Status status) {
    Work work =
        state
            .workOf(task)
            .orElseThrow(
                () -> new ImpossibleFactException(name(fact) + " for a task never requested"));
    List<Work> works = new ArrayList<>(state.allWorks());
    works.replaceAll(w -> w.equals(work) ? w.with(status) : w);
    return withWorks(state, works, fact.envelope().sequence());
  }

  private static ExecutionState finish(Running running, Event<ExecutionEvent> fact) {
    boolean succeeded = fact.body() instanceof ExecutionSucceeded;
    List<Work> works =
        running.works().stream()
            .map(
                w -> succeeded && !w.task().role().servesCaller() ? w : w.with(new Status.Closed()))
            .toList();
    long sequence = fact.envelope().sequence();
    return new Finished(
        running.origin(),
        works,
        fact.body(),
        fact.envelope().occurredAt(),
        sequence,
        running.truths(),
        sequence);
  }

  private static ExecutionState park(ExecutionState state, Event<ExecutionEvent> fact) {
    if (!(state instanceof Quarantined(var held, var reason, long from, var before, _))) {
      throw new ImpossibleFactException("RecordParked on an execution not quarantined");
    }
    List<Position> parked = new ArrayList<>(before);
    parked.add(fact.envelope().input());
    return new Quarantined(held, reason, from, parked, fact.envelope().sequence());
  }

  private static ExecutionState release(
      ExecutionState state, Event<ExecutionEvent> fact, boolean discard) {
    if (!(state instanceof Quarantined(var held, _, _, _, _))) {
      throw new ImpossibleFactException("ExecutionReleased on an execution not quarantined");
    }
    long sequence = fact.envelope().sequence();
    if (discard && held instanceof Running running) {
      return finish(running, fact);
    }
    return resequenced(held, sequence);
  }

  private static Running running(ExecutionState state, Event<ExecutionEvent> fact) {
    if (state instanceof Running running) {
      return running;
    }
    throw new ImpossibleFactException(
        name(fact) + " on an execution that is " + state.getClass().getSimpleName());
  }

  private static String name(Event<ExecutionEvent> fact) {
    return fact.body().getClass().getSimpleName();
  }

  private static List<ReplyAddress> added(Running running, ReplyAddress replyTo) {
    List<ReplyAddress> callers = new ArrayList<>(running.callers());
    callers.add(replyTo);
    return callers;
  }

  private static ExecutionState withWorks(ExecutionState state, List<Work> works, long sequence) {
    return switch (state) {
      case Absent() -> throw new ImpossibleFactException("a task of an execution never accepted");
      case Running running -> with(running, running.steps(), works, running.callers(), sequence);
      case Finished done ->
          new Finished(
              done.origin(),
              works,
              done.terminal(),
              done.finishedAt(),
              done.terminalSequence(),
              done.truths(),
              sequence);
      case Evicted evicted -> {
        if (!works.isEmpty()) {
          throw new ImpossibleFactException("a task of an execution long ended");
        }
        yield new Evicted(evicted.appId(), evicted.truths(), sequence);
      }
      case Waiting line -> {
        if (!works.isEmpty()) {
          throw new ImpossibleFactException("a task of a line");
        }
        yield new Waiting(line.appId(), line.members(), sequence);
      }
      case Quarantined(var held, var reason, long from, var parked, _) ->
          new Quarantined(withWorks(held, works, sequence), reason, from, parked, sequence);
    };
  }

  private static ExecutionState resequenced(ExecutionState state, long sequence) {
    return withWorks(state, state.allWorks(), sequence);
  }

  private static Running with(
      Running running,
      List<StepStarted> steps,
      List<Work> works,
      List<ReplyAddress> callers,
      long sequence) {
    return new Running(
        running.origin(), running.turn(), steps, works, callers, running.truths(), sequence);
  }

  private static ExecutionState with(ExecutionState state, Truths truths) {
    return switch (state) {
      case Absent _, Waiting _ -> state;
      case Running(var origin, var turn, var steps, var works, var callers, _, long sequence) ->
          new Running(origin, turn, steps, works, callers, truths, sequence);
      case Finished(var origin, var works, var terminal, var at, long ended, _, long sequence) ->
          new Finished(origin, works, terminal, at, ended, truths, sequence);
      case Evicted(var appId, _, long sequence) -> new Evicted(appId, truths, sequence);
      case Quarantined(var held, var reason, long from, var parked, long sequence) ->
          new Quarantined(with(held, truths), reason, from, parked, sequence);
    };
  }
}
