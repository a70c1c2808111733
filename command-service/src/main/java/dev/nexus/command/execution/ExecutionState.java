package dev.nexus.command.execution;

import dev.nexus.event.Envelope;
import dev.nexus.event.Position;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.TaskKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What the facts of one execution add up to.
public sealed interface ExecutionState {
  /// Sequence of the last fact; 0 when there is none.
  long sequence();

  /// No fact yet.
  record Absent() implements ExecutionState {
    @Override
    public long sequence() {
      return 0;
    }
  }

  /// Accepted and not ended. `steps` is empty while its definition has not arrived.
  record Running(
      Origin origin,
      List<StepStarted> steps,
      List<Work> works,
      List<ReplyAddress> callers,
      long sequence)
      implements ExecutionState {
    public Running {
      steps = List.copyOf(steps);
      works = List.copyOf(works);
      callers = List.copyOf(callers);
    }

    public boolean awaitsDefinition() {
      return steps.isEmpty();
    }
  }

  /// Ended by `terminal`; shadow and audit work may still be open.
  record Finished(
      Origin origin,
      List<Work> works,
      ExecutionEvent terminal,
      Instant finishedAt,
      long terminalSequence,
      long sequence)
      implements ExecutionState {
    public Finished {
      works = List.copyOf(works);
    }
  }

  /// Ended so long ago that only its number of facts is remembered: its id is never used again.
  record Evicted(String appId, long sequence) implements ExecutionState {}

  /// Met something impossible; stands still until released. What it holds is never quarantined
  /// itself.
  ///
  /// @param parked where the news stands that came meanwhile, the oldest first
  record Quarantined(ExecutionState held, String reason, List<Position> parked, long sequence)
      implements ExecutionState {
    public Quarantined {
      held = held instanceof Quarantined inner ? inner.held() : held;
      parked = List.copyOf(parked);
    }

    /// What `met` becomes that met something impossible; what was parked before stays so.
    public static Quarantined of(ExecutionState met, String reason, long sequence) {
      return met instanceof Quarantined(var held, _, var parked, _)
          ? new Quarantined(held, reason, parked, sequence)
          : new Quarantined(met, reason, List.of(), sequence);
    }
  }

  /// How the execution began.
  record Origin(Envelope envelope, ExecutionAccepted accepted) {}

  /// All work of the execution; none where nothing was accepted.
  default List<Work> allWorks() {
    return switch (this) {
      case Absent _, Evicted _ -> List.of();
      case Running running -> running.works();
      case Finished finished -> finished.works();
      case Quarantined quarantined -> quarantined.held().allWorks();
    };
  }

  /// The newest attempt at the same work as `task`.
  default Optional<Work> workOf(TaskKey task) {
    return allWorks().stream().filter(w -> w.task().sameWork(task)).findFirst();
  }

  /// How it began; empty where nothing was accepted.
  default Optional<Origin> begun() {
    return switch (this) {
      case Absent _, Evicted _ -> Optional.empty();
      case Running running -> Optional.of(running.origin());
      case Finished finished -> Optional.of(finished.origin());
      case Quarantined quarantined -> quarantined.held().begun();
    };
  }

  /// The application it belongs to; "" where nothing was accepted.
  default String appId() {
    return switch (this) {
      case Absent() -> "";
      case Evicted evicted -> evicted.appId();
      case Running running -> running.origin().envelope().appId();
      case Finished finished -> finished.origin().envelope().appId();
      case Quarantined quarantined -> quarantined.held().appId();
    };
  }
}
