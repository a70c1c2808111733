package dev.nexus.command.topology;

import dev.nexus.command.execution.Consequence;
import dev.nexus.command.execution.Consequence.AssignTask;
import dev.nexus.command.execution.Consequences;
import dev.nexus.command.execution.ExecutionState;
import dev.nexus.command.execution.Work;
import dev.nexus.event.Event;
import dev.nexus.event.Position;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.stream.EventRecords;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/// The facts a predecessor wrote last, and the tasks, cancellations, replies and requests that
/// follow from them. All of its earlier writes were complete before it went on; of the last one,
/// what follows
/// from a fact may be missing.
final class NewestFacts {
  /// More facts than one write has: it ends at 1 MiB, and a fact takes hundreds of bytes.
  static final int MOST = 5_000;

  /// More bytes of facts than one write has, unless they are of one decision.
  private static final int MOST_BYTES = 1 << 20;

  private record Fact(
      String key,
      Event<ExecutionEvent> fact,
      ExecutionState before,
      ExecutionState after,
      int bytes) {
    Position input() {
      return fact.envelope().input();
    }
  }

  private final Deque<Fact> facts = new ArrayDeque<>();
  private long bytes;

  /// The next fact of the log, folded.
  void add(
      ConsumerRecord<String, byte[]> record,
      ExecutionState before,
      Event<ExecutionEvent> fact,
      ExecutionState after) {
    var newest = new Fact(record.key(), fact, before, after, record.value().length);
    facts.addLast(newest);
    bytes += newest.bytes();
    while (facts.size() > MOST
        || (bytes > MOST_BYTES && !facts.getFirst().input().equals(newest.input()))) {
      bytes -= facts.removeFirst().bytes();
    }
  }

  /// Records that follow from these facts and are not on the log. Of tasks only those that are
  /// still waited for: an old one may have been done and deleted. A request that others have
  /// written much behind is sent again: news that comes twice changes nothing.
  List<ProducerRecord<String, byte[]>> missing(
      ExecutionMemory memory, Emissions emissions, FactTail tail) {
    var expected = expected(memory, emissions);
    Set<String> present = tail.newestIds(expected.keySet(), MOST);
    return expected.values().stream()
        .flatMap(List::stream)
        .filter(record -> !present.contains(EventRecords.id(record.headers())))
        .toList();
  }

  private Map<TopicPartition, List<ProducerRecord<String, byte[]>>> expected(
      ExecutionMemory memory, Emissions emissions) {
    Map<TopicPartition, List<ProducerRecord<String, byte[]>>> expected = new HashMap<>();
    for (Fact newest : facts) {
      for (Consequence consequence : Consequences.of(newest.before(), newest.fact())) {
        if (isWanted(consequence, memory.get(newest.key()).state())) {
          var record =
              emissions.consequence(newest.key(), newest.fact(), newest.after(), consequence);
          expected
              .computeIfAbsent(
                  new TopicPartition(record.topic(), record.partition()), _ -> new ArrayList<>())
              .add(record);
        }
      }
    }
    return expected;
  }

  private static boolean isWanted(Consequence consequence, ExecutionState now) {
    return !(consequence instanceof AssignTask(var request))
        || now.workOf(request.task())
            .filter(work -> work.task().equals(request.task()))
            .filter(work -> work.status() instanceof Work.Status.Requested)
            .isPresent();
  }
}
