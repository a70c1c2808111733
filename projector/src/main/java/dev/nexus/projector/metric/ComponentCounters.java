package dev.nexus.projector.metric;

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
import dev.nexus.event.task.Role;
import dev.nexus.event.task.Usage;
import dev.nexus.projector.execution.Answer;
import dev.nexus.projector.execution.ExecutionView;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mutation;
import java.util.ArrayList;
import java.util.List;

/// What a fact adds to the counters of its component. `TIER.…` is by what answered the call,
/// `ROLE.…` by why a task ran, so that shadows and audits are priced apart from service.
public final class ComponentCounters {
  /// Most that one fact may add to a counter: a thousand million dollars in micros, or thirty
  /// thousand years in milliseconds. Nine thousand such facts fit into what Redis can count.
  private static final long LARGEST = 1_000_000_000_000_000L;

  private final ExecutionView before;
  private final Key counters;
  private final List<Mutation> changes = new ArrayList<>();

  private ComponentCounters(ExecutionView before, Key counters) {
    this.before = before;
    this.counters = counters;
  }

  public static List<Mutation> changes(
      ExecutionView before, Envelope envelope, ExecutionEvent fact) {
    boolean begins = fact instanceof ExecutionAccepted;
    String component = fact instanceof ExecutionAccepted a ? a.component() : before.component();
    String app = begins ? envelope.appId() : before.app();
    var own =
        new ComponentCounters(before, ComponentNames.counters(envelope.tenantId(), app, component));
    if (begins) {
      own.changes.add(
          new Mutation.Include(ComponentNames.known(envelope.tenantId()), app + "/" + component));
    }
    own.count(envelope, fact);
    return own.changes;
  }

  private void count(Envelope envelope, ExecutionEvent fact) {
    switch (fact) {
      case ExecutionAccepted accepted -> add("accepted", 1);
      case CallerJoined joined -> add("callersJoined", 1);
      case StepStarted started -> add(started.tier().name() + ".steps", 1);
      case TaskRequested requested -> {
        if (requested.task().attempt() > 1) {
          add("retries", 1);
        }
      }
      case TaskStarted started -> {}
      case TaskSucceeded succeeded -> spend(succeeded.task().role(), "tasks", succeeded.usage());
      case TaskFailed failed -> spend(failed.task().role(), "failedTasks", failed.usage());
      case TaskDeoptimised deoptimised -> {
        add("deopts", 1);
        spend(deoptimised.task().role(), "deoptimisedTasks", deoptimised.usage());
      }
      case ExecutionSucceeded succeeded -> {
        String tier = succeeded.tier().name();
        end(envelope, tier, "succeeded");
        compare(tier, Answer.of(succeeded.output()), before.truth(), 1);
      }
      case ExecutionFailed failed -> {
        end(envelope, before.tier(), "failed");
        add("failure." + failed.failure().name(), 1);
      }
      case ExecutionCancelled cancelled -> end(envelope, before.tier(), "cancelled");
      case ExecutionTimedOut timedOut -> end(envelope, before.tier(), "timedOut");
      case TruthReported truth -> learn(Answer.of(truth.output()));
      case ExecutionQuarantined quarantined -> add("quarantined", 1);
      case RecordParked _, TurnTaken _, TurnReturned _, LineJoined _, LineLeft _ -> {}
      case ExecutionReleased released -> add("released", 1);
    }
  }

  /// Ends are counted once, whatever comes later.
  private void end(Envelope envelope, String tier, String how) {
    if (before.ordinal() > 0) {
      return;
    }
    long millis = Math.max(0, envelope.occurredAt().toEpochMilli() - before.beganAt());
    add(tier + "." + how, 1);
    add(tier + ".latencyMs", millis);
    add(tier + ".latency." + LatencyBuckets.bucketOf(millis), 1);
  }

  /// A later truth replaces an earlier one.
  private void learn(Answer truth) {
    compare(before.tier(), before.output(), before.truth(), -1);
    compare(before.tier(), before.output(), truth, 1);
  }

  private void compare(String tier, Answer output, Answer truth, long by) {
    if (output.exists() && truth.exists()) {
      add(tier + (output.agreesWith(truth) ? ".agreed" : ".disagreed"), by);
    }
  }

  private void spend(Role role, String how, Usage usage) {
    String prefix = role.name() + ".";
    add(prefix + how, 1);
    add(prefix + "promptTokens", usage.promptTokens());
    add(prefix + "completionTokens", usage.completionTokens());
    add(prefix + "costMicros", usage.costMicros());
    add(prefix + "modelCalls", usage.modelCalls());
    add(prefix + "workedMs", Math.max(0, usage.worked().toMillis()));
  }

  /// Throws `IllegalArgumentException` for an amount that no work can have.
  private void add(String field, long by) {
    if (by < -1 || by > LARGEST) {
      throw new IllegalArgumentException(
          field + ": 0 to " + LARGEST + " expected of one fact, found " + by);
    }
    if (by != 0) {
      changes.add(new Mutation.Increment(counters, field, by));
    }
  }
}
