package dev.nexus.command.execution;

import static dev.nexus.command.execution.DeciderSpec.BEGIN;

import dev.nexus.command.execution.Consequence.GrantTurn;
import dev.nexus.command.execution.Consequence.ReportEnd;
import dev.nexus.command.execution.Decision.Accepted;
import dev.nexus.command.execution.ExecutionCommand.JoinLine;
import dev.nexus.command.execution.ExecutionCommand.LeaveLine;
import dev.nexus.command.execution.ExecutionCommand.StartExecution;
import dev.nexus.command.execution.ExecutionCommand.TakeTurn;
import dev.nexus.command.execution.ExecutionState.Absent;
import dev.nexus.command.execution.ExecutionState.Quarantined;
import dev.nexus.command.execution.ExecutionState.Running;
import dev.nexus.command.execution.ExecutionState.Waiting;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.TurnTaken;
import dev.nexus.event.request.RequestEvent.Line;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.FailureClass;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/// Routers on paper: requests stand on partitions by whom they are for, each partition is read in
/// order, and what follows from facts is written to the partition of the addressee.
final class PaperLines {
  private record Request(ExecutionId to, ExecutionCommand command) {}

  private final Random random;
  private final List<Line> lines = new ArrayList<>();
  private final List<List<Request>> partitions = new ArrayList<>();
  private final int[] next;
  private final Map<ExecutionId, ExecutionState> states = new HashMap<>();
  private final Map<ExecutionId, List<ExecutionCommand>> parked = new HashMap<>();
  private final List<ExecutionId> members = new ArrayList<>();
  private final List<ExecutionId> begun = new ArrayList<>();
  private Instant now = BEGIN;

  PaperLines(Random random, int partitions, int lines) {
    this.random = random;
    this.next = new int[partitions];
    for (int i = 0; i < partitions; i++) {
      this.partitions.add(new ArrayList<>());
    }
    for (int i = 0; i < lines; i++) {
      this.lines.add(Line.of(TenantId.DEFAULT, "orders", "by-shop", Integer.toString(i)));
    }
  }

  List<Line> lines() {
    return lines;
  }

  List<ExecutionId> members() {
    return members;
  }

  /// In the order in which they had their turn.
  List<ExecutionId> begun() {
    return begun;
  }

  ExecutionState state(ExecutionId execution) {
    return states.getOrDefault(execution, new Absent());
  }

  /// Who stands in a line still.
  List<ExecutionState.Member> waiting() {
    return lines.stream()
        .map(line -> state(line.id()))
        .filter(Waiting.class::isInstance)
        .flatMap(line -> ((Waiting) line).members().stream())
        .toList();
  }

  /// A trigger starts an execution in some line, by a start and a place that stand on the log
  /// together.
  void trigger(int number) {
    ExecutionId member = new ExecutionId(NameIds.uuid5("member", Integer.toString(number)));
    members.add(member);
    Line line = lines.get(random.nextInt(lines.size()));
    now = now.plusMillis(random.nextInt(3));
    write(
        new Request(
            member,
            new StartExecution(
                Samples.request(Samples.INPUT, ReplyAddress.NOBODY).in(line),
                Samples.known(Samples.MODEL_SERVES))));
    write(new Request(line.id(), new JoinLine(member, now, number)));
  }

  private void write(Request request) {
    partitions.get(Math.floorMod(request.to().hashCode(), next.length)).add(request);
  }

  /// Something of what may happen.
  void something() {
    switch (random.nextInt(10)) {
      case 0 -> comesTwice();
      case 1 -> ask(anybody(), Samples.cancel());
      case 2 -> quarantine(anybody());
      case 3 -> release(anybody(), random.nextBoolean());
      case 4, 5 -> endSomebody();
      default -> readSomewhere();
    }
  }

  /// Lets everything come to its end; false when there is nothing left to do.
  boolean settle() {
    if (readSomewhere()) {
      return true;
    }
    for (ExecutionId member : members) {
      if (state(member) instanceof Quarantined) {
        release(member, random.nextBoolean());
        return true;
      }
    }
    return endSomebody();
  }

  private ExecutionId anybody() {
    return members.get(random.nextInt(members.size()));
  }

  /// A request that was read already is read again, as after a crash or a replay.
  private void comesTwice() {
    var requests = partitions.get(random.nextInt(partitions.size()));
    if (!requests.isEmpty()) {
      write(requests.get(random.nextInt(requests.size())));
    }
  }

  boolean readSomewhere() {
    Set<Integer> unread = new TreeSet<>();
    for (int i = 0; i < next.length; i++) {
      if (next[i] < partitions.get(i).size()) {
        unread.add(i);
      }
    }
    if (unread.isEmpty()) {
      return false;
    }
    int partition = List.copyOf(unread).get(random.nextInt(unread.size()));
    Request request = partitions.get(partition).get(next[partition]++);
    ask(request.to(), request.command());
    return true;
  }

  /// Somebody who is under way succeeds or fails.
  boolean endSomebody() {
    for (ExecutionId member : members) {
      if (state(member) instanceof Running running && !running.works().isEmpty()) {
        var task = running.works().getFirst().task();
        ask(
            member,
            random.nextInt(3) == 0 ? Samples.broken(task, FailureClass.CRASH) : Samples.done(task));
        return true;
      }
    }
    return false;
  }

  private void quarantine(ExecutionId member) {
    if (state(member) instanceof Running) {
      fold(member, new ExecutionQuarantined("odd"));
    }
  }

  private void release(ExecutionId member, boolean discard) {
    if (state(member) instanceof Quarantined) {
      ask(member, Samples.release(discard, ReplyAddress.NOBODY));
      List<ExecutionCommand> held = parked.remove(member);
      if (held != null) {
        held.forEach(command -> ask(member, command));
      }
    }
  }

  private void ask(ExecutionId execution, ExecutionCommand command) {
    ExecutionState before = state(execution);
    if (ExecutionDecider.decide(before, command, now) instanceof Accepted(var facts)) {
      if (facts.getFirst() instanceof ExecutionEvent.RecordParked) {
        parked.computeIfAbsent(execution, _ -> new ArrayList<>()).add(command);
      }
      facts.forEach(fact -> fold(execution, fact));
    }
  }

  private void fold(ExecutionId execution, ExecutionEvent body) {
    ExecutionState before = state(execution);
    Event<ExecutionEvent> made = DeciderSpec.fact(body, before.sequence() + 1, now);
    var fact = new Event<>(made.envelope().withExecution(execution), body);
    states.put(execution, ExecutionFold.apply(before, fact));
    if (body instanceof TurnTaken) {
      begun.add(execution);
    }
    for (Consequence consequence : Consequences.of(before, fact)) {
      if (consequence instanceof GrantTurn(var member, _)) {
        write(new Request(member, new TakeTurn(execution, Samples.known(Samples.MODEL_SERVES))));
      } else if (consequence instanceof ReportEnd(var to, _)) {
        write(new Request(to, new LeaveLine(execution)));
      }
    }
  }
}
