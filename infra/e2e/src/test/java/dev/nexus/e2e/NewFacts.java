package dev.nexus.e2e;

import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.LineJoined;
import dev.nexus.event.execution.ExecutionEvent.LineLeft;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskFailed;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.TaskKey;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.TopicCursor;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Facts that were written since this was made.
final class NewFacts implements AutoCloseable {
  private final EventCodec<ExecutionEvent> codec =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private final TopicCursor cursor;
  private final List<Event<ExecutionEvent>> facts = new ArrayList<>();
  private final Set<Integer> partitions = new HashSet<>();

  NewFacts(KafkaClients clients) {
    cursor = new TopicCursor(clients, Topic.EXECUTIONS);
    cursor.next();
  }

  private record Work(String execution, TaskKey task) {}

  /// Where they stand.
  Set<Integer> partitions() {
    readOn();
    return Set.copyOf(partitions);
  }

  /// Executions in which work was given up as it took too long, and was then asked for again.
  Set<String> triedAgainAfterTimeout() {
    readOn();
    Set<Work> expected = new HashSet<>();
    Set<String> found = new HashSet<>();
    for (Event<ExecutionEvent> fact : facts) {
      String execution = fact.envelope().executionId();
      if (fact.body() instanceof TaskFailed failed && failed.failure() == FailureClass.TIMEOUT) {
        expected.add(new Work(execution, failed.task().next()));
      } else if (fact.body() instanceof TaskRequested requested
          && expected.contains(new Work(execution, requested.task()))) {
        found.add(execution);
      }
    }
    return found;
  }

  /// Executions that wait in a line, or have their turn there.
  Set<String> inLines() {
    readOn();
    Set<String> found = new HashSet<>();
    for (Event<ExecutionEvent> fact : facts) {
      if (fact.body() instanceof LineJoined joined) {
        found.add(joined.member().toString());
      } else if (fact.body() instanceof LineLeft left) {
        found.remove(left.member().toString());
      }
    }
    return found;
  }

  /// Executions whose first step has begun.
  Set<String> begun() {
    readOn();
    Set<String> found = new HashSet<>();
    for (Event<ExecutionEvent> fact : facts) {
      if (fact.body() instanceof StepStarted) {
        found.add(fact.envelope().executionId());
      }
    }
    return found;
  }

  private void readOn() {
    cursor
        .next()
        .forEach(
            record -> {
              partitions.add(record.partition());
              facts.add(codec.decode(record.value()));
            });
  }

  @Override
  public void close() {
    cursor.close();
  }
}
