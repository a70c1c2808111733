package dev.nexus.projector.execution;

import dev.nexus.event.Envelope;
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
import dev.nexus.event.task.Usage;
import java.util.HashMap;
import java.util.Map;

/// What a fact changes in the summary of its execution.
final class ExecutionSummary {
  /// Status of a quarantined execution before it was.
  private static final String HELD = "heldStatus";

  private final ExecutionView before;
  private final Map<String, String> changed = new HashMap<>();

  private ExecutionSummary(ExecutionView before) {
    this.before = before;
  }

  /// The fields that are other after the fact. `ordinal` is what the execution gets if it ends.
  static Map<String, String> changes(
      ExecutionView before, Envelope envelope, ExecutionEvent fact, long ordinal) {
    var own = new ExecutionSummary(before);
    own.put(ExecutionView.SEQUENCE, envelope.sequence());
    own.apply(envelope, fact);
    String status = own.changed.get(ExecutionView.STATUS);
    boolean ends =
        status != null && before.ordinal() == 0 && ExecutionStatus.valueOf(status).terminal();
    if (ends) {
      own.put(ExecutionView.FINISHED, envelope.occurredAt().toEpochMilli());
      own.put(ExecutionView.ORDINAL, ordinal);
    }
    return own.changed;
  }

  private void apply(Envelope envelope, ExecutionEvent fact) {
    switch (fact) {
      case ExecutionAccepted accepted -> accept(envelope, accepted);
      case TurnTaken turn -> {
        put(ExecutionView.STATUS, ExecutionStatus.RUNNING.name());
        put(ExecutionView.BEGAN, envelope.occurredAt().toEpochMilli());
        put("deadline", turn.deadline().toEpochMilli());
      }
      case TurnReturned _, LineJoined _, LineLeft _ -> {}
      case CallerJoined joined -> add("callersJoined", 1);
      case StepStarted started -> {
        put("step", started.step());
        put(ExecutionView.TIER, started.tier().name());
        put("candidateHash", started.candidateHash());
        put("identityDigest", started.identityDigest());
      }
      case TaskRequested requested -> add("tasks", 1);
      case TaskStarted started -> {}
      case TaskSucceeded succeeded -> spend(succeeded.usage());
      case TaskFailed failed -> {
        add("failedTasks", 1);
        spend(failed.usage());
      }
      case TaskDeoptimised deoptimised -> {
        add("deopts", 1);
        put("deoptReason", deoptimised.reason());
        spend(deoptimised.usage());
      }
      case ExecutionSucceeded succeeded -> {
        put(ExecutionView.STATUS, ExecutionStatus.SUCCEEDED.name());
        put(ExecutionView.TIER, succeeded.tier().name());
        Answer.of(succeeded.output()).into(changed, ExecutionView.OUTPUT);
      }
      case ExecutionFailed failed -> {
        put(ExecutionView.STATUS, ExecutionStatus.FAILED.name());
        put("failure", failed.failure().name());
        put("reason", failed.detail());
      }
      case ExecutionCancelled cancelled -> end(ExecutionStatus.CANCELLED, cancelled.reason());
      case ExecutionTimedOut timedOut ->
          end(ExecutionStatus.TIMED_OUT, "not finished by " + timedOut.deadline());
      case TruthReported truth -> Answer.of(truth.output()).into(changed, ExecutionView.TRUTH);
      case ExecutionQuarantined quarantined -> {
        put(HELD, before.status().name());
        end(ExecutionStatus.QUARANTINED, quarantined.reason());
      }
      case RecordParked parked -> {}
      case ExecutionReleased released -> release(released.discard());
    }
  }

  private void accept(Envelope envelope, ExecutionAccepted accepted) {
    put(ExecutionView.APP, envelope.appId());
    put(ExecutionView.COMPONENT, accepted.component());
    put(ExecutionView.STATUS, ExecutionFold.first(accepted).name());
    put(ExecutionView.LINE, accepted.line().lineName());
    put(ExecutionView.ACCEPTED, envelope.occurredAt().toEpochMilli());
    put("deadline", accepted.deadline().toEpochMilli());
    put("definitionDigest", accepted.definitionDigest());
    put("origin", accepted.origin());
    put("actor", envelope.actor());
    put("correlationId", envelope.correlationId());
  }

  private void end(ExecutionStatus status, String reason) {
    put(ExecutionView.STATUS, status.name());
    put("reason", reason);
  }

  /// A released execution goes back to where it stood.
  private void release(boolean discard) {
    if (before.status() == ExecutionStatus.QUARANTINED) {
      put(ExecutionView.STATUS, discard ? ExecutionStatus.DISCARDED.name() : before.text(HELD));
    }
  }

  private void spend(Usage usage) {
    add("promptTokens", usage.promptTokens());
    add("completionTokens", usage.completionTokens());
    add("costMicros", usage.costMicros());
    add("modelCalls", usage.modelCalls());
    if (!usage.model().isEmpty()) {
      put("model", usage.model());
    }
  }

  private void add(String field, long by) {
    if (by != 0) {
      put(field, before.number(field) + by);
    }
  }

  private void put(String field, long value) {
    changed.put(field, Long.toString(value));
  }

  private void put(String field, String value) {
    if (!value.isEmpty()) {
      changed.put(field, value);
    }
  }
}
