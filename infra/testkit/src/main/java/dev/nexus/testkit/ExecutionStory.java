package dev.nexus.testkit;

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
import dev.nexus.event.task.TaskKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What is kept of an execution while its facts are read in their order, and which of them cannot
/// follow on those before.
final class ExecutionStory {
  private static final Set<Class<? extends ExecutionEvent>> ENDS =
      Set.of(
          ExecutionSucceeded.class,
          ExecutionFailed.class,
          ExecutionCancelled.class,
          ExecutionTimedOut.class);

  private final String application;
  private final Set<String> worked = new HashSet<>();
  private Position request = Position.NONE;
  private long sequence;
  private String last = "";
  private String end = "";
  private boolean succeeded;

  ExecutionStory(String application) {
    this.application = application;
  }

  static boolean isEnd(ExecutionEvent fact) {
    return ENDS.contains(fact.getClass());
  }

  /// Such as `TaskFailed 5 of` and the execution.
  static String described(Event<ExecutionEvent> fact) {
    return fact.body().getClass().getSimpleName()
        + " "
        + fact.envelope().sequence()
        + " of "
        + fact.envelope().executionId();
  }

  /// Takes the next fact; says what cannot be about it.
  List<String> add(Event<ExecutionEvent> fact) {
    List<String> wrong = new ArrayList<>();
    String what = described(fact);
    if (fact.envelope().sequence() != sequence + 1) {
      wrong.add(what + " after " + sequence);
    }
    sequence = fact.envelope().sequence();
    last = fact.body().getClass().getSimpleName();
    if (fact.body() instanceof ExecutionAccepted) {
      request = fact.envelope().input();
    }
    if (fact.body() instanceof TaskSucceeded done
        && !worked.add(done.task().step() + " " + done.task().role())) {
      wrong.add(what + ": work that counted before");
    }
    if (!end.isEmpty() && (isEnd(fact.body()) || isOfClosedTask(fact.body()))) {
      wrong.add(what + " after the end " + end);
    }
    if (isEnd(fact.body())) {
      end = last;
      succeeded = fact.body() instanceof ExecutionSucceeded;
    }
    return wrong;
  }

  /// Every task is closed by an end, but for those that nobody waits for: after a success shadows
  /// and audits go on.
  private boolean isOfClosedTask(ExecutionEvent fact) {
    return task(fact).filter(task -> !succeeded || task.role().servesCaller()).isPresent();
  }

  private static Optional<TaskKey> task(ExecutionEvent fact) {
    return switch (fact) {
      case TaskRequested requested -> Optional.of(requested.task());
      case TaskStarted started -> Optional.of(started.task());
      case TaskSucceeded success -> Optional.of(success.task());
      case TaskFailed failure -> Optional.of(failure.task());
      case TaskDeoptimised declined -> Optional.of(declined.task());
      case ExecutionAccepted _,
          TurnTaken _,
          TurnReturned _,
          CallerJoined _,
          StepStarted _,
          ExecutionSucceeded _,
          ExecutionFailed _,
          ExecutionCancelled _,
          ExecutionTimedOut _,
          TruthReported _,
          ExecutionQuarantined _,
          RecordParked _,
          ExecutionReleased _,
          LineJoined _,
          LineLeft _ ->
          Optional.empty();
    };
  }

  String application() {
    return application;
  }

  /// Where the request stands that it began with; `Position.NONE` before it has.
  Position request() {
    return request;
  }

  /// Name of its last fact.
  String last() {
    return last;
  }

  /// Name of the fact that ended it; "" before there is one.
  String end() {
    return end;
  }
}
