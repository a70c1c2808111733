package dev.nexus.testkit;

import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.LineJoined;
import dev.nexus.event.execution.ExecutionEvent.LineLeft;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TurnTaken;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What must be so of executions in lines (`orderBy`): no two of a line are under way at once, and
/// of those that wait the one that was accepted first has its turn first. An execution and its
/// place come from one event, so it waits since when it was accepted. That is not so of one whose
/// request was put aside and replayed: it is accepted at the time of the replay and waits since the
/// time of its event, so this is no check of logs with such.
///
/// Members and their line stand in different partitions. What happened before what is told by the
/// time at which the one broker took a fact, which no clock of a producer changes; whose turn it
/// was is told by the facts of the line.
final class LineCheck {
  private static final long NEVER = -1;

  private final Map<String, Line> lines = new HashMap<>();
  private final Map<String, Member> members = new HashMap<>();
  private final List<String> wrong = new ArrayList<>();

  /// A place in a line.
  private record Place(String member, Instant since, long place) {
    boolean isBefore(Place other) {
      int bySince = since.compareTo(other.since);
      return bySince < 0 || (bySince == 0 && place < other.place);
    }
  }

  private static final class Line {
    /// Who has a place, first the one whose turn it is.
    private final List<Place> waiting = new ArrayList<>();

    /// Who has had his turn, in the order of the turns.
    private final Set<String> turns = new LinkedHashSet<>();

    private final Set<String> left = new HashSet<>();

    /// Since when each waits, by the first place that it had.
    private final Map<String, Instant> since = new HashMap<>();

    private long sequence;

    boolean has(String member) {
      return waiting.stream().anyMatch(place -> place.member().equals(member));
    }

    void giveTurn() {
      if (!waiting.isEmpty()) {
        turns.add(waiting.getFirst().member());
      }
    }
  }

  /// An execution that was accepted for a line.
  private static final class Member {
    private final String line;
    private final Instant accepted;
    private long begun = NEVER;
    private long ended = NEVER;

    Member(String line, Instant accepted) {
      this.line = line;
      this.accepted = accepted;
    }
  }

  /// Takes a fact, each once, those of one execution or line in their order.
  ///
  /// @param end whether an execution ends with it
  /// @param taken when the broker took it
  void add(Event<ExecutionEvent> fact, boolean end, long taken) {
    String id = fact.envelope().executionId();
    if (fact.body().ofLine()) {
      Line line = lines.computeIfAbsent(id, _ -> new Line());
      ofLine(fact, line);
      line.giveTurn();
    } else if (fact.body() instanceof ExecutionAccepted accepted && accepted.line().exists()) {
      members.put(id, new Member(accepted.line().lineId(), fact.envelope().occurredAt()));
    } else {
      Member member = members.get(id);
      if (member != null) {
        ofMember(fact, member, end, taken);
      }
    }
  }

  private void ofLine(Event<ExecutionEvent> fact, Line line) {
    String what = fact.body() + " of line " + fact.envelope().executionId();
    if (fact.envelope().sequence() != line.sequence + 1) {
      wrong.add(what + ": " + fact.envelope().sequence() + " after " + line.sequence);
    }
    line.sequence = fact.envelope().sequence();
    if (fact.body() instanceof LineJoined(var execution, var since, var place)) {
      Place joined = new Place(execution.toString(), since, place);
      line.since.putIfAbsent(joined.member(), since);
      if (line.has(joined.member())) {
        wrong.add(what + ": it has its place");
        return;
      }
      int at = line.waiting.size();
      while (at > 1 && joined.isBefore(line.waiting.get(at - 1))) {
        at--;
      }
      line.waiting.add(at, joined);
    } else if (fact.body() instanceof LineLeft(var execution)) {
      String member = execution.toString();
      if (!line.waiting.removeIf(held -> held.member().equals(member))) {
        wrong.add(what + ": it has no place");
      }
      line.left.add(member);
    }
  }

  private void ofMember(Event<ExecutionEvent> fact, Member member, boolean end, long taken) {
    if (fact.body() instanceof TurnTaken) {
      member.begun = taken;
    } else if (fact.body() instanceof StepStarted && member.begun == NEVER) {
      wrong.add(fact.envelope().executionId() + " began without its turn in line " + member.line);
    } else if (end && member.ended == NEVER) {
      member.ended = taken;
    }
  }

  /// Who is in a line, or was accepted for one and has not left it.
  List<String> open() {
    List<String> open = new ArrayList<>();
    lines.forEach(
        (id, line) ->
            line.waiting.forEach(place -> open.add(place.member() + " is in line " + id)));
    members.forEach(
        (id, member) -> {
          Line line = lines.get(member.line);
          if (line == null || !line.left.contains(id)) {
            open.add(id + " has not left line " + member.line);
          }
        });
    return open;
  }

  /// What cannot be; when nobody is in a line any more.
  List<String> wrong() {
    List<String> found = new ArrayList<>(wrong);
    lines.forEach((id, line) -> found.addAll(overlaps(id, line)));
    members.forEach(
        (id, member) -> {
          Line line = lines.get(member.line);
          Instant since =
              line == null ? member.accepted : line.since.getOrDefault(id, member.accepted);
          if (!since.equals(member.accepted)) {
            found.add(
                id
                    + " of line "
                    + member.line
                    + " waits since "
                    + since
                    + ", and was accepted at "
                    + member.accepted);
          }
          if (member.begun != NEVER && (line == null || !line.turns.contains(id))) {
            found.add(id + " took a turn that line " + member.line + " did not give");
          }
        });
    return found;
  }

  /// Who ended without having begun, as when it was cancelled, gave its turn back.
  private List<String> overlaps(String id, Line line) {
    List<String> found = new ArrayList<>();
    String before = "";
    long free = NEVER;
    for (String next : line.turns) {
      Member taking = members.get(next);
      if (taking == null || taking.begun == NEVER) {
        continue;
      }
      if (taking.begun < free) {
        found.add(next + " of line " + id + " began before the end of " + before);
      }
      before = next;
      free = taking.ended == NEVER ? Long.MAX_VALUE : taking.ended;
    }
    return found;
  }
}
