package dev.nexus.command.topology;

import dev.nexus.command.execution.Consequence;
import dev.nexus.command.execution.Consequence.AssignTask;
import dev.nexus.command.execution.Consequences;
import dev.nexus.command.execution.ExecutionState;
import dev.nexus.command.execution.ImpossibleFactException;
import dev.nexus.command.execution.Work;
import dev.nexus.event.Event;
import dev.nexus.event.Position;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.wire.UnreadableRecordException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/// The facts a predecessor wrote last, as they stand on the log, and the tasks, cancellations,
/// replies and requests that follow from them. All of its earlier writes were complete before it
/// went on; of the last one, what follows from a fact may be missing. Until that is on the log the
/// shelf is not told of them, so no execution with one of them in it is held: they are folded for
/// one execution at a time, which is let go again.
final class NewestFacts {
  /// More facts than one write has: it ends at 1 MiB, and a fact takes hundreds of bytes.
  private static final int MOST = 5_000;

  /// More bytes of facts than one write has, unless they are of one decision.
  private static final int MOST_BYTES = 1 << 20;

  private record Newest(ConsumerRecord<String, byte[]> record, Position input) {
    /// A record of somebody else may have no value.
    int bytes() {
      return record.value() == null ? 0 : record.value().length;
    }

    /// What only time has led to has no input, but a decision is on one execution.
    boolean isOfOneDecisionWith(Newest other) {
      return input.equals(other.input) && Objects.equals(record.key(), other.record.key());
    }
  }

  private record Folded(Event<ExecutionEvent> fact, ExecutionState before, ExecutionState after) {}

  private final Deque<Newest> facts = new ArrayDeque<>();
  private long bytes;

  /// The next fact of the log; gives those that are not among the newest any more.
  List<ConsumerRecord<String, byte[]>> add(ConsumerRecord<String, byte[]> record) {
    var newest = new Newest(record, inputOf(record));
    facts.addLast(newest);
    bytes += newest.bytes();
    List<ConsumerRecord<String, byte[]>> older = new ArrayList<>();
    while (facts.size() > MOST
        || (bytes > MOST_BYTES && !facts.getFirst().isOfOneDecisionWith(newest))) {
      bytes -= facts.getFirst().bytes();
      older.add(facts.removeFirst().record());
    }
    return older;
  }

  private static Position inputOf(ConsumerRecord<String, byte[]> record) {
    try {
      return RouterContext.FACTS.decode(record.value()).envelope().input();
    } catch (UnreadableRecordException e) {
      return Position.NONE;
    }
  }

  /// All of them, the oldest first.
  List<ConsumerRecord<String, byte[]>> all() {
    return facts.stream().map(Newest::record).toList();
  }

  /// Hands over the records that follow from these facts and are not on the log. A request that
  /// others have written much behind is sent again: news that comes twice changes nothing.
  ///
  /// @param memory in which all older facts were saved, and none of these
  void missing(
      ExecutionMemory memory,
      Emissions emissions,
      FactTail tail,
      Consumer<ProducerRecord<String, byte[]>> each) {
    Map<String, TopicPartition> expected = new HashMap<>();
    follow(
        memory, emissions, r -> expected.put(id(r), new TopicPartition(r.topic(), r.partition())));
    Set<String> missing = new HashSet<>(expected.keySet());
    missing.removeAll(tail.newestIds(Set.copyOf(expected.values()), MOST));
    if (!missing.isEmpty()) {
      follow(
          memory,
          emissions,
          record -> {
            if (missing.contains(id(record))) {
              each.accept(record);
            }
          });
    }
  }

  private static String id(ProducerRecord<String, byte[]> record) {
    return EventRecords.id(record.headers());
  }

  /// Hands over what follows from these facts, one record at a time: a task has the input of its
  /// execution, and all of them would be many times the bytes of these facts.
  private void follow(
      ExecutionMemory memory, Emissions emissions, Consumer<ProducerRecord<String, byte[]>> each) {
    Map<String, List<byte[]>> byKey = new LinkedHashMap<>();
    for (Newest newest : facts) {
      if (newest.record().key() != null) {
        byKey
            .computeIfAbsent(newest.record().key(), _ -> new ArrayList<>())
            .add(newest.record().value());
      }
    }
    byKey.forEach(
        (key, encoded) -> {
          Execution execution = memory.shelved(key);
          for (Folded folded : fold(execution, key, encoded)) {
            for (var consequence : Consequences.of(folded.before(), folded.fact())) {
              if (isWanted(consequence, execution.state())) {
                each.accept(emissions.consequence(key, folded.fact(), folded.after(), consequence));
              }
            }
          }
        });
  }

  /// Nothing follows from what cannot be read or cannot be; the recovery says so.
  private static List<Folded> fold(Execution execution, String key, List<byte[]> encoded) {
    List<Folded> folded = new ArrayList<>();
    for (byte[] bytes : encoded) {
      ExecutionState before = execution.state();
      try {
        Event<ExecutionEvent> fact = RouterContext.fact(key, bytes);
        try {
          execution.apply(fact, bytes);
          folded.add(new Folded(fact, before, execution.state()));
        } catch (ImpossibleFactException e) {
          if (!execution.has(fact, bytes)) {
            execution.stop(fact, bytes, String.valueOf(e.getMessage()));
          }
        }
      } catch (UnreadableRecordException e) {
        execution.stop(before.sequence() + 1, String.valueOf(e.getMessage()));
      }
    }
    return folded;
  }

  /// Of tasks only those that are still waited for: an old one may have been done and deleted.
  private static boolean isWanted(Consequence consequence, ExecutionState now) {
    return !(consequence instanceof AssignTask(var request))
        || now.workOf(request.task())
            .filter(work -> work.task().equals(request.task()))
            .filter(work -> work.status() instanceof Work.Status.Requested)
            .isPresent();
  }
}
