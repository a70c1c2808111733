package dev.nexus.command.execution;

import dev.nexus.event.Envelope;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Position;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TurnTaken;
import dev.nexus.event.request.RequestEvent.Line;
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

  /// Accepted and not ended. `steps` is empty while its turn or its definition has not come.
  ///
  /// @param turn empty while it waits for its turn, or when it needs none
  record Running(
      Origin origin,
      Optional<TurnTaken> turn,
      List<StepStarted> steps,
      List<Work> works,
      List<ReplyAddress> callers,
      Truths truths,
      long sequence)
      implements ExecutionState {
    public Running {
      steps = List.copyOf(steps);
      works = List.copyOf(works);
      callers = List.copyOf(callers);
    }

    public boolean awaitsDefinition() {
      return steps.isEmpty() && !awaitsTurn();
    }

    /// Whether others of its line have not ended yet.
    public boolean awaitsTurn() {
      return line().exists() && turn.isEmpty();
    }

    public Line line() {
      return origin.accepted().line();
    }

    /// When it times out: its time begins with its turn.
    public Instant deadline() {
      return turn.map(TurnTaken::deadline).orElse(origin.accepted().deadline());
    }
  }

  /// Ended by `terminal`; shadow and audit work may still be open.
  record Finished(
      Origin origin,
      List<Work> works,
      ExecutionEvent terminal,
      Instant finishedAt,
      long terminalSequence,
      Truths truths,
      long sequence)
      implements ExecutionState {
    public Finished {
      works = List.copyOf(works);
    }
  }

  /// Ended so long ago that of its facts only their number is remembered, and that of its truths:
  /// its id is never used again.
  record Evicted(String appId, Truths truths, long sequence) implements ExecutionState {}

  /// A line of executions that run one after the other, by the time since when each of them waits.
  /// The first one has its turn. This is no execution itself, but is kept, moved and recovered as
  /// one. An empty line is the same as one that is `Evicted`.
  record Waiting(String appId, List<Member> members, long sequence) implements ExecutionState {
    public Waiting {
      members = List.copyOf(members);
    }

    public boolean has(ExecutionId execution) {
      return members.stream().anyMatch(m -> m.execution().equals(execution));
    }
  }

  /// An execution in a line.
  ///
  /// @param joined sequence of the fact by which it came into the line
  record Member(ExecutionId execution, Instant since, long place, long joined) {
    boolean isBefore(Member other) {
      int bySince = since.compareTo(other.since);
      return bySince < 0 || (bySince == 0 && place < other.place);
    }
  }

  /// Met something impossible; stands still until released. What it holds is never quarantined
  /// itself.
  ///
  /// @param releaseFrom offset on nexus.requests from which on a release counts; before it only one
  ///     that nobody can have read before
  /// @param parked where the news stands that came meanwhile, the oldest first
  record Quarantined(
      ExecutionState held, String reason, long releaseFrom, List<Position> parked, long sequence)
      implements ExecutionState {
    public Quarantined {
      held = held instanceof Quarantined inner ? inner.held() : held;
      parked = List.copyOf(parked);
    }

    /// What `met` becomes that met something impossible; what was parked before stays so.
    public static Quarantined of(
        ExecutionState met, String reason, long releaseFrom, long sequence) {
      return met instanceof Quarantined(var held, _, _, var parked, _)
          ? new Quarantined(held, reason, releaseFrom, parked, sequence)
          : new Quarantined(met, reason, releaseFrom, List.of(), sequence);
    }
  }

  /// How the execution began.
  record Origin(Envelope envelope, ExecutionAccepted accepted) {}

  /// All work of the execution; none where nothing was accepted.
  default List<Work> allWorks() {
    return switch (this) {
      case Absent _, Evicted _, Waiting _ -> List.of();
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
      case Absent _, Evicted _, Waiting _ -> Optional.empty();
      case Running running -> Optional.of(running.origin());
      case Finished finished -> Optional.of(finished.origin());
      case Quarantined quarantined -> quarantined.held().begun();
    };
  }

  /// What was told of its right answer.
  default Truths truths() {
    return switch (this) {
      case Absent _, Waiting _ -> Truths.NONE;
      case Running running -> running.truths();
      case Finished finished -> finished.truths();
      case Evicted evicted -> evicted.truths();
      case Quarantined quarantined -> quarantined.held().truths();
    };
  }

  /// The application it belongs to; "" where nothing was accepted.
  default String appId() {
    return switch (this) {
      case Absent() -> "";
      case Evicted evicted -> evicted.appId();
      case Waiting waiting -> waiting.appId();
      case Running running -> running.origin().envelope().appId();
      case Finished finished -> finished.origin().envelope().appId();
      case Quarantined quarantined -> quarantined.held().appId();
    };
  }
}
