package dev.nexus.oracle.topology;

import dev.nexus.event.Event;
import dev.nexus.event.PayloadReference;
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
import dev.nexus.event.task.Role;
import dev.nexus.oracle.topology.Call.CodeAnswer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Joins the facts of executions by execution id. The newest are remembered; a truth that comes for
/// an older one is not used.
final class Calls {
  private static final int MOST = 20_000;

  private final Map<String, Call> byExecution =
      new LinkedHashMap<>(1024, 0.75f, false) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Call> eldest) {
          return size() > MOST;
        }
      };

  /// Where the log has the beginning of a call once more, what the call has come to stays.
  void add(Call call) {
    Call known = byExecution.get(call.execution());
    if (known == null || !known.accepted().equals(call.accepted())) {
      byExecution.put(call.execution(), call);
    }
  }

  void forget(Call call) {
    byExecution.remove(call.execution());
  }

  Optional<Call> find(String execution) {
    return Optional.ofNullable(byExecution.get(execution));
  }

  /// What a fact adds to a call.
  ///
  /// @param served whether code answered, declined or failed where it was to serve
  record News(Call call, boolean served) {}

  /// Takes a fact that is no beginning into its call; empty when it adds nothing.
  Optional<News> join(Event<ExecutionEvent> fact) {
    Call call = byExecution.get(fact.envelope().executionId());
    if (call == null) {
      return Optional.empty();
    }
    boolean servedBefore = call.served().isPresent();
    boolean news =
        switch (fact.body()) {
          case TaskRequested(var task, _, var hash, _) -> {
            if (task.role() == Role.SHADOW) {
              call.shadowedBy(hash);
            }
            yield false;
          }
          case TaskSucceeded succeeded -> succeeded(call, succeeded);
          case TaskDeoptimised(var task, _, var reason, _) ->
              code(call, task.role(), new CodeAnswer.Declined(reason));
          case TaskFailed failed ->
              !failed.retried()
                  && code(call, failed.task().role(), new CodeAnswer.Failed(failed.detail()));
          case TruthReported(var output) -> {
            call.truth(output);
            yield true;
          }
          case ExecutionAccepted _,
              CallerJoined _,
              StepStarted _,
              TaskStarted _,
              ExecutionSucceeded _,
              ExecutionFailed _,
              ExecutionCancelled _,
              ExecutionTimedOut _,
              ExecutionQuarantined _,
              RecordParked _,
              TurnTaken _,
              TurnReturned _,
              LineJoined _,
              LineLeft _,
              ExecutionReleased _ ->
              false;
        };
    return news
        ? Optional.of(new News(call, !servedBefore && call.served().isPresent()))
        : Optional.empty();
  }

  /// A call whose answer is a payload is forgotten, as one whose input is.
  private boolean succeeded(Call call, TaskSucceeded fact) {
    if (PayloadReference.isIn(fact.output())) {
      forget(call);
      return false;
    }
    return switch (fact.task().role()) {
      case SERVE -> {
        if (call.servedByCode()) {
          call.served(new CodeAnswer.Answered(fact.output()));
        } else {
          call.modelAnswered(fact.output());
        }
        yield true;
      }
      case FALLBACK, AUDIT -> {
        call.modelAnswered(fact.output());
        yield true;
      }
      case SHADOW -> {
        call.shadowed(new CodeAnswer.Answered(fact.output()));
        yield true;
      }
      case REPAIR, ADJUDICATE -> false;
    };
  }

  private static boolean code(Call call, Role role, CodeAnswer answer) {
    if (role == Role.SHADOW) {
      call.shadowed(answer);
      return true;
    }
    if (role == Role.SERVE && call.servedByCode()) {
      call.served(answer);
      return true;
    }
    return false;
  }
}
