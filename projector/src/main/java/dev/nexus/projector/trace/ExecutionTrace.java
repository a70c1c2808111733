package dev.nexus.projector.trace;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
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
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.trace.TraceContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is remembered of an execution until its spans can be told: no contents, and nothing of work
/// that is over. A span is told when it ends, that of the execution with its last serving fact.
final class ExecutionTrace {
  private final ExecutionSpans spans;

  /// Attempts under way, by what they are attempts at. One without a task waits for its retry.
  private final Map<Work, Optional<Attempt>> works = new LinkedHashMap<>();

  private boolean ended;

  /// What attempts are attempts at.
  private record Work(int step, Role role) {
    static Work of(TaskKey task) {
      return new Work(task.step(), task.role());
    }
  }

  private ExecutionTrace(ExecutionSpans spans) {
    this.spans = spans;
  }

  /// Begins with the fact that begins an execution, unless its caller says that the trace is not
  /// recorded; empty for any other fact.
  ///
  /// @param written when the log took it
  static Optional<ExecutionTrace> begun(Event<ExecutionEvent> fact, Instant written) {
    if (!(fact.body() instanceof ExecutionAccepted accepted)) {
      return Optional.empty();
    }
    Envelope envelope = fact.envelope();
    TraceContext context = TraceContext.of(envelope);
    return context.sampled()
        ? Optional.of(
            new ExecutionTrace(
                new ExecutionSpans(
                    context, envelope, accepted.component(), accepted.origin(), written)))
        : Optional.empty();
  }

  /// Whether no later fact can end a span.
  boolean over() {
    return ended && works.isEmpty();
  }

  /// Whether its own span was told.
  boolean isEnded() {
    return ended;
  }

  /// The spans that a fact ends.
  ///
  /// @param written when the log took it
  List<Span> take(Event<ExecutionEvent> fact, Instant written) {
    Instant at = fact.envelope().occurredAt();
    return switch (fact.body()) {
      case TaskRequested requested -> {
        works.put(
            Work.of(requested.task()),
            Optional.of(
                new Attempt(
                    requested.task(), requested.lane(), requested.candidateHash(), written)));
        yield List.of();
      }
      case TaskStarted started -> {
        works.computeIfPresent(
            Work.of(started.task()),
            (_, attempt) ->
                attempt.map(found -> found.is(started.task()) ? found.started(at) : found));
        yield List.of();
      }
      case TaskSucceeded(var task, var instance, _, var usage) ->
          worked(task, new WorkEnd("succeeded", "", instance, usage, at, written), false);
      case TaskDeoptimised(var task, var instance, _, var usage) ->
          worked(task, new WorkEnd("deoptimised", "", instance, usage, at, written), false);
      case TaskFailed failed ->
          worked(
              failed.task(),
              new WorkEnd(
                  "failed",
                  failed.failure().name(),
                  failed.instance(),
                  failed.usage(),
                  at,
                  written),
              failed.retried());
      case ExecutionSucceeded(_, Tier tier) ->
          end(new ExecutionSpans.End("succeeded", "", tier.name(), at, written));
      case ExecutionFailed(FailureClass failure, _) ->
          end(new ExecutionSpans.End("failed", failure.name(), "", at, written));
      case ExecutionTimedOut _ ->
          end(new ExecutionSpans.End("timed_out", FailureClass.TIMEOUT.name(), "", at, written));
      case ExecutionCancelled _ -> end(new ExecutionSpans.End("cancelled", "", "", at, written));
      case ExecutionReleased(boolean discard) ->
          discard ? end(new ExecutionSpans.End("discarded", "", "", at, written)) : List.of();
      case ExecutionAccepted _,
          TurnTaken _,
          TurnReturned _,
          CallerJoined _,
          StepStarted _,
          TruthReported _,
          ExecutionQuarantined _,
          RecordParked _,
          LineJoined _,
          LineLeft _ ->
          List.of();
    };
  }

  /// @param again whether the work is tried again
  private List<Span> worked(TaskKey task, WorkEnd end, boolean again) {
    Work work = Work.of(task);
    Optional<Attempt> attempt = works.getOrDefault(work, Optional.empty());
    if (attempt.filter(found -> found.is(task)).isEmpty()) {
      return List.of();
    }
    if (again) {
      works.put(work, Optional.empty());
    } else {
      works.remove(work);
    }
    return attempt.map(found -> spans.ofTask(found, end)).orElse(List.of());
  }

  /// What serves the caller ends with the execution; beside it, work that compares goes on where it
  /// succeeded.
  private List<Span> end(ExecutionSpans.End end) {
    if (ended) {
      return List.of();
    }
    ended = true;
    List<Span> told = new ArrayList<>();
    for (Iterator<Map.Entry<Work, Optional<Attempt>>> left = works.entrySet().iterator();
        left.hasNext(); ) {
      var work = left.next();
      if (!end.result().equals("succeeded") || work.getKey().role().servesCaller()) {
        work.getValue().ifPresent(attempt -> told.add(spans.ofBrokenOff(attempt, end)));
        left.remove();
      }
    }
    told.addAll(spans.ofExecution(end));
    return List.copyOf(told);
  }
}
