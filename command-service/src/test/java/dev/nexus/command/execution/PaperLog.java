package dev.nexus.command.execution;

import dev.nexus.command.execution.Decision.Accepted;
import dev.nexus.command.execution.Decision.AnsweredAgain;
import dev.nexus.command.execution.Decision.Ignored;
import dev.nexus.command.execution.Decision.Impossible;
import dev.nexus.command.execution.Decision.Rejected;
import dev.nexus.command.execution.ExecutionState.Absent;
import dev.nexus.command.execution.ExecutionState.Quarantined;
import dev.nexus.event.Event;
import dev.nexus.event.Position;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/// The router's way of working on paper: commands stand on a log, each poll is decided and written
/// at once or not at all, and a new owner goes on at the position its fold names. Owners are killed
/// after chosen numbers of records.
final class PaperLog {
  /// A record with the id by which consumers recognise it.
  record Line(String id, Object content) {}

  private final List<RandomExecution.Asked> inputs;
  private final Random polls;
  private final TreeSet<Integer> kills;
  private final List<Line> lines = new ArrayList<>();
  private int written;

  PaperLog(List<RandomExecution.Asked> inputs, long seed, Set<Integer> kills) {
    this.inputs = inputs;
    this.polls = new Random(seed);
    this.kills = new TreeSet<>(kills);
  }

  private static final class KilledException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /// Owners work, are killed and followed by others until every input is read.
  PaperLog run() {
    while (true) {
      try {
        work();
        return this;
      } catch (KilledException e) {
        // The next owner begins.
      }
    }
  }

  private void work() {
    ExecutionState state = new Absent();
    int next = 0;
    for (Line line : lines) {
      if (line.content() instanceof Event<?>(var envelope, ExecutionEvent body)) {
        state = ExecutionFold.apply(state, new Event<>(envelope, body));
        next = (int) envelope.input().inputOffset() + 1;
      }
    }
    while (next < inputs.size()) {
      List<Line> transaction = new ArrayList<>();
      int end = Math.min(inputs.size(), next + 1 + polls.nextInt(6));
      for (; next < end; next++) {
        state = decide(state, next, transaction);
      }
      lines.addAll(transaction);
    }
  }

  /// Decides on an input, and after a release on what was parked until then.
  private ExecutionState decide(ExecutionState before, int offset, List<Line> transaction) {
    ExecutionState state = settle(before, offset, offset, transaction);
    if (before instanceof Quarantined(_, _, _, var parked, _) && !(state instanceof Quarantined)) {
      for (Position at : parked) {
        if (!(state instanceof Quarantined)) {
          state = settle(state, (int) at.inputOffset(), offset, transaction);
        }
      }
    }
    return state;
  }

  private ExecutionState settle(
      ExecutionState state, int asked, int offset, List<Line> transaction) {
    var command = inputs.get(asked).command();
    return switch (ExecutionDecider.decide(state, command, inputs.get(offset).at())) {
      case Accepted(var facts) -> write(state, facts, offset, transaction);
      case Impossible(var why) ->
          state.begun().isPresent()
              ? write(state, List.of(new ExecutionQuarantined(why)), offset, transaction)
              : state;
      case AnsweredAgain() -> answer(state, "answer " + asked, transaction);
      case Rejected rejected -> answer(state, "refusal " + asked + rejected, transaction);
      case Ignored _ -> state;
    };
  }

  private ExecutionState answer(ExecutionState state, String id, List<Line> transaction) {
    write(new Line(id, id), transaction);
    return state;
  }

  private ExecutionState write(
      ExecutionState state, List<ExecutionEvent> facts, int offset, List<Line> transaction) {
    ExecutionState at = state;
    for (ExecutionEvent body : facts) {
      Event<ExecutionEvent> fact = fact(body, at.sequence() + 1, offset);
      ExecutionState before = at;
      at = ExecutionFold.apply(before, fact);
      write(new Line(fact.envelope().eventId().toString(), fact), transaction);
      for (Consequence consequence : Consequences.of(before, fact)) {
        String id = consequence.eventId(DeciderSpec.EXECUTION).toString();
        write(new Line(id, consequence), transaction);
      }
    }
    return at;
  }

  private void write(Line line, List<Line> transaction) {
    transaction.add(line);
    if (kills.remove(++written)) {
      throw new KilledException();
    }
  }

  private Event<ExecutionEvent> fact(ExecutionEvent body, long sequence, int offset) {
    var fact = DeciderSpec.fact(body, sequence, inputs.get(offset).at());
    var input = new Position("nexus.requests", 0, offset);
    return new Event<>(fact.envelope().withInput(input), body);
  }

  /// Every record once, in the order of their first appearance.
  Map<String, Object> byId() {
    Map<String, Object> byId = new LinkedHashMap<>();
    lines.forEach(line -> byId.putIfAbsent(line.id(), line.content()));
    return byId;
  }

  /// Whether a record stands there twice with different content.
  boolean contradictsItself() {
    Map<String, Object> byId = byId();
    return lines.stream().anyMatch(line -> !line.content().equals(byId.get(line.id())));
  }

  int written() {
    return written;
  }
}
