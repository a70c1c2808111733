package dev.nexus.command.topology;

import dev.nexus.command.execution.ExecutionFold;
import dev.nexus.command.execution.ExecutionState;
import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.command.execution.Work;
import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import java.util.ArrayList;
import java.util.List;

/// One execution in the router's hands: its state and the encoded facts it is the fold of.
final class Execution {
  private record Encoded(long sequence, byte[] bytes) {}

  private final String key;
  private final List<Encoded> facts = new ArrayList<>();
  private ExecutionState state = new ExecutionState.Absent();

  Execution(String key) {
    this.key = key;
  }

  String key() {
    return key;
  }

  ExecutionState state() {
    return state;
  }

  /// Folds one fact; throws `ImpossibleFactException` where it cannot follow.
  void apply(Event<ExecutionEvent> fact, byte[] encoded) {
    state = ExecutionFold.apply(state, fact);
    facts.add(new Encoded(fact.envelope().sequence(), encoded));
  }

  /// Stands still because of `reason`, which no fact on the log says.
  void quarantine(String reason) {
    state = new ExecutionState.Quarantined(state, reason, state.sequence());
  }

  /// Whether nothing more will happen by itself.
  boolean settled() {
    return state instanceof Finished finished
        && finished.works().stream().noneMatch(Work::open);
  }

  List<byte[]> encodedFacts() {
    return facts.stream().map(Encoded::bytes).toList();
  }

  /// The facts that are enough to answer a repeated call: how it began, how it ended, the last.
  List<byte[]> essentialFacts(Finished finished) {
    long last = facts.getLast().sequence();
    return facts.stream()
        .filter(
            f ->
                f.sequence() == 1
                    || f.sequence() == finished.terminalSequence()
                    || f.sequence() == last)
        .map(Encoded::bytes)
        .toList();
  }
}
