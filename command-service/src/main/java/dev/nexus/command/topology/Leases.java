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

/// When started work was last heard of. Signs of life are no facts, so they are kept here and a
/// new owner grants every started task a lease from its own beginning.
final class Leases {
  private final Map<String, Map<TaskKey, Instant>> signs = new HashMap<>();
  private final Instant ownedSince;

  Leases(Instant ownedSince) {
    this.ownedSince = ownedSince;
  }

  void heard(String key, TaskKey task, Instant at) {
    signs.computeIfAbsent(key, k -> new HashMap<>()).put(task, at);
  }

  void forget(String key) {
    signs.remove(key);
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
            ? Stream.of(running.origin().accepted().deadline())
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
    if (!(work.status() instanceof Status.Started(var instance, Duration lease, Instant at))) {
      return Optional.empty();
    }
    Instant heard = signs.getOrDefault(key, Map.of()).getOrDefault(work.task(), at);
    Instant from = heard.isBefore(ownedSince) ? ownedSince : heard;
    return Optional.of(from.plus(lease));
  }
}
