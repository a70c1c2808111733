package dev.nexus.command.execution;

import dev.nexus.command.execution.ExecutionState.Absent;
import dev.nexus.command.execution.ExecutionState.Evicted;
import dev.nexus.command.execution.ExecutionState.Member;
import dev.nexus.command.execution.ExecutionState.Waiting;
import dev.nexus.event.Envelope;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.execution.ExecutionEvent.LineJoined;
import java.util.ArrayList;
import java.util.List;

/// Folds the facts of lines.
final class LineFold {
  private LineFold() {}

  /// Who waits longer comes first, but before nobody who has his turn; who waits equally long comes
  /// in the order of the log.
  static ExecutionState join(ExecutionState state, Envelope envelope, LineJoined fact) {
    List<Member> members =
        switch (state) {
          case Absent _, Evicted _ -> new ArrayList<>();
          case Waiting line -> new ArrayList<>(line.members());
          case ExecutionState.Running _, ExecutionState.Finished _, ExecutionState.Quarantined _ ->
              throw new ImpossibleFactException("LineJoined on what is no line");
        };
    if (members.stream().anyMatch(m -> m.execution().equals(fact.member()))) {
      throw new ImpossibleFactException("LineJoined for " + fact.member() + ", which waits");
    }
    Member joined = new Member(fact.member(), fact.since(), fact.place(), envelope.sequence());
    int at = members.size();
    while (at > 1 && joined.isBefore(members.get(at - 1))) {
      at--;
    }
    members.add(at, joined);
    return new Waiting(envelope.appId(), members, envelope.sequence());
  }

  static ExecutionState leave(ExecutionState state, ExecutionId member, long sequence) {
    if (!(state instanceof Waiting line) || !line.has(member)) {
      throw new ImpossibleFactException("LineLeft for " + member + ", which does not wait");
    }
    return new Waiting(
        line.appId(),
        line.members().stream().filter(m -> !m.execution().equals(member)).toList(),
        sequence);
  }
}
