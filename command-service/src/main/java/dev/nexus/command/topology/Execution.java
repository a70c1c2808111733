package dev.nexus.command.topology;

import dev.nexus.command.execution.ExecutionFold;
import dev.nexus.command.execution.ExecutionState;
import dev.nexus.command.execution.ExecutionState.Absent;
import dev.nexus.command.execution.ExecutionState.Evicted;
import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.command.execution.ExecutionState.Member;
import dev.nexus.command.execution.ExecutionState.Quarantined;
import dev.nexus.command.execution.ExecutionState.Running;
import dev.nexus.command.execution.ExecutionState.Waiting;
import dev.nexus.command.execution.ImpossibleFactException;
import dev.nexus.command.execution.Truths;
import dev.nexus.command.execution.Work;
import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.LineJoined;
import dev.nexus.event.execution.ExecutionEvent.LineLeft;
import dev.nexus.wire.EventCodec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// One execution in the router's hands: its state and the encoded facts it is the fold of.
final class Execution {
  /// A fact as it stands on the log.
  record Encoded(long sequence, byte[] bytes) {
    /// What is decoded of a fact takes up to twice its bytes, as a text of two bytes a character;
    /// of a small one the objects around it take the most.
    long weight() {
      return 3L * bytes.length + 200;
    }
  }

  private final String key;
  private final List<Encoded> facts = new ArrayList<>();
  private ExecutionState state = new ExecutionState.Absent();
  private long bytes;

  /// All facts up to this sequence are left out but the first and the ending one; 0 for none.
  private long compactedTo;

  /// The truths among those.
  private Truths compacted = Truths.NONE;

  Execution(String key) {
    this.key = key;
  }

  /// As it was put on the shelf.
  static Execution unshelved(String key, Shelved shelved, EventCodec<ExecutionEvent> codec) {
    Execution execution = new Execution(key);
    switch (shelved) {
      case Shelved.Nothing() -> {}
      case Shelved.Ended(var appId, var truths, var sequence) ->
          execution.state = new Evicted(appId, truths, sequence);
      case Shelved.Facts(var compactedTo, var truths, var encoded) -> {
        int next = 0;
        if (compactedTo > 0 && codec.decode(encoded.getFirst()).body().ofLine()) {
          execution.line(encoded.stream().map(codec::decode).toList(), encoded, compactedTo);
          next = encoded.size();
        } else if (compactedTo > 0) {
          Event<ExecutionEvent> first = codec.decode(encoded.get(0));
          Event<ExecutionEvent> ending = codec.decode(encoded.get(1));
          execution.state = ExecutionFold.finished(first, ending, truths, compactedTo);
          execution.compactedTo = compactedTo;
          execution.compacted = truths;
          execution.keep(first, encoded.get(0));
          execution.keep(ending, encoded.get(1));
          next = 2;
        }
        for (byte[] fact : encoded.subList(next, encoded.size())) {
          try {
            execution.apply(codec.decode(fact), fact);
          } catch (ImpossibleFactException e) {
            execution.stop(codec.decode(fact), fact, String.valueOf(e.getMessage()));
          }
        }
      }
    }
    return execution;
  }

  String key() {
    return key;
  }

  ExecutionState state() {
    return state;
  }

  /// Bytes of the heap it takes, about.
  long bytes() {
    return bytes;
  }

  /// Folds one fact; throws `ImpossibleFactException` where it cannot follow, and changes nothing.
  void apply(Event<ExecutionEvent> fact, byte[] encoded) {
    take(folded(fact), fact, encoded);
  }

  /// A fold is a pure function: what it throws, it would throw at each recovery, and the partition
  /// would have no owner.
  private ExecutionState folded(Event<ExecutionEvent> fact) {
    try {
      return ExecutionFold.apply(state, fact);
    } catch (ImpossibleFactException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      throw new ImpossibleFactException("cannot be folded: " + e);
    }
  }

  /// Takes a fact that was folded already.
  void take(ExecutionState after, Event<ExecutionEvent> fact, byte[] encoded) {
    state = after;
    keep(fact, encoded);
  }

  /// Stands still because of a fact on the log that cannot be folded.
  void stop(Event<ExecutionEvent> impossible, byte[] encoded, String reason) {
    keep(impossible, encoded);
    stop(impossible.envelope().sequence(), reason);
  }

  /// Stands still because what is on the log with `sequence` is no fact of it. An execution that
  /// ended long ago has nothing to protect but its numbers; a line goes on with those it knows of,
  /// as others wait in it. Until a fact says from which on, only new requests release it.
  void stop(long sequence, String reason) {
    long last = Math.max(state.sequence(), sequence);
    state =
        switch (state) {
          case Evicted(var appId, var truths, _) -> new Evicted(appId, truths, last);
          case Waiting line -> line;
          case Absent _, Running _, Finished _, Quarantined _ ->
              Quarantined.of(state, reason, Long.MAX_VALUE, last);
        };
  }

  /// Whether exactly this fact was folded before.
  boolean has(Event<ExecutionEvent> fact, byte[] encoded) {
    return facts.stream()
        .anyMatch(
            f -> f.sequence() == fact.envelope().sequence() && Arrays.equals(f.bytes(), encoded));
  }

  /// Takes the facts by which those came who wait in a line, in the order of the line.
  private void line(List<Event<ExecutionEvent>> joined, List<byte[]> encoded, long sequence) {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < joined.size(); i++) {
      Event<ExecutionEvent> fact = joined.get(i);
      if (!(fact.body() instanceof LineJoined(var member, var since, var place))) {
        throw new ImpossibleFactException("what waits in a line has joined it");
      }
      members.add(new Member(member, since, place, fact.envelope().sequence()));
      keep(fact, encoded.get(i));
    }
    state = new Waiting(joined.getFirst().envelope().appId(), members, sequence);
  }

  private void keep(Event<ExecutionEvent> fact, byte[] encoded) {
    var added = new Encoded(fact.envelope().sequence(), encoded);
    facts.add(added);
    bytes += added.weight();
    if (fact.body() instanceof LineLeft && state instanceof Waiting(_, var members, _)) {
      Set<Long> joined = members.stream().map(Member::joined).collect(Collectors.toSet());
      facts.removeIf(kept -> !joined.contains(kept.sequence()));
      bytes = facts.stream().mapToLong(Encoded::weight).sum();
    }
  }

  /// Whether nothing more will happen by itself.
  boolean settled() {
    return state instanceof Evicted
        || (state instanceof Waiting line && line.members().isEmpty())
        || (state instanceof Finished finished && finished.works().stream().noneMatch(Work::open));
  }

  /// What its state is the fold of. Of a settled one the first and the ending fact are enough to
  /// answer a repeated call.
  Shelved shelved() {
    if (state instanceof Evicted(var appId, var truths, var sequence)) {
      return new Shelved.Ended(appId, truths, sequence);
    }
    if (state instanceof Waiting(var appId, var members, var sequence)) {
      return members.isEmpty()
          ? new Shelved.Ended(appId, Truths.NONE, sequence)
          : new Shelved.Facts(
              sequence, Truths.NONE, members.stream().map(m -> bytesOf(m.joined())).toList());
    }
    if (settled() && state instanceof Finished finished) {
      return new Shelved.Facts(
          finished.sequence(),
          finished.truths(),
          List.of(bytesOf(1), bytesOf(finished.terminalSequence())));
    }
    return new Shelved.Facts(compactedTo, compacted, facts.stream().map(Encoded::bytes).toList());
  }

  private byte[] bytesOf(long sequence) {
    return facts.stream()
        .filter(f -> f.sequence() == sequence)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(key + " lacks fact " + sequence))
        .bytes();
  }
}
