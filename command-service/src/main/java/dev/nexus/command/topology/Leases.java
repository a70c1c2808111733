package dev.nexus.command.topology;

import dev.nexus.command.execution.ExecutionState;
import dev.nexus.command.execution.Work;
import dev.nexus.command.execution.Work.Status;
import dev.nexus.event.task.TaskKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// When started work was last heard of, by the router's own clock. Signs of life are no facts, so
/// they are kept here and a new owner grants every started task a lease from its own beginning.
final class Leases {
  /// Clocks are corrected by less than this all the time.
  private static final Duration UNNOTICED = Duration.ofSeconds(1);

  private final Map<String, Map<TaskKey, Instant>> signs = new HashMap<>();
  private Instant ownedSince;
  private Instant looked;

  Leases(Instant ownedSince) {
    this.ownedSince = ownedSince;
    this.looked = ownedSince;
  }

  /// Looks at the clock: when it was set back, what was heard later than now was heard now. Else
  /// work that is lost would stay so for as long as the clock was set back.
  ///
  /// @return whether leases may end earlier than before
  boolean setBack(Instant now) {
    boolean back = now.plus(UNNOTICED).isBefore(looked);
    looked = now;
    if (back) {
      ownedSince = earlier(ownedSince, now);
      signs.values().forEach(heard -> heard.replaceAll((task, at) -> earlier(at, now)));
    }
    return back;
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  /// Notes a sign of life of work that is under way; of other work there is nothing to note.
  void heard(String key, ExecutionState state, TaskKey task, Instant now) {
    if (started(state).anyMatch(task::equals)) {
      signs.computeIfAbsent(key, k -> new HashMap<>()).put(task, now);
    }
  }

  /// Forgets what is not under way any more.
  void tidy(String key, ExecutionState state) {
    Map<TaskKey, Instant> known = signs.get(key);
    if (known != null && known.keySet().retainAll(started(state).toList()) && known.isEmpty()) {
      signs.remove(key);
    }
  }

  private static Stream<TaskKey> started(ExecutionState state) {
    return state.allWorks().stream()
        .filter(w -> w.status() instanceof Status.Started)
        .map(Work::task);
  }

  /// Tasks whose lease has run out by `now`.
  List<TaskKey> expired(String key, ExecutionState state, Instant now) {
    return state.allWorks().stream()
        .filter(w -> leaseEnd(key, w).filter(end -> !end.isAfter(now)).isPresent())
        .map(Work::task)
        .toList();
  }

  /// When the execution is to be looked at next: its deadline, a retry, a queue limit or a lease.
  Optional<Instant> nextDue(String key, ExecutionState state) {
    Stream<Instant> deadline =
        state instanceof ExecutionState.Running running
            ? Stream.of(running.deadline())
            : Stream.empty();
    Stream<Instant> tasks =
        state instanceof ExecutionState.Quarantined
            ? Stream.empty()
            : state.allWorks().stream().flatMap(w -> due(key, w).stream());
    return Stream.concat(deadline, tasks).min(Instant::compareTo);
  }

  private Optional<Instant> due(String key, Work work) {
    return switch (work.status()) {
      case Status.Requested(var startBy) -> Optional.of(startBy);
      case Status.Waiting(var until) -> Optional.of(until);
      case Status.Started _ -> leaseEnd(key, work);
      case Status.Closed() -> Optional.empty();
    };
  }

  private Optional<Instant> leaseEnd(String key, Work work) {
    if (!(work.status() instanceof Status.Started(_, Duration lease, _))) {
      return Optional.empty();
    }
    Instant heard = signs.getOrDefault(key, Map.of()).getOrDefault(work.task(), ownedSince);
    return Optional.of(heard.plus(lease));
  }
}
