package dev.nexus.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.Position;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// What must be so of the facts on a log after every fault: each accepted request has ended, once;
/// no fact stands there twice, none is missing from its sequence, and no piece of work counts
/// twice, or after the end where a caller waits for it; executions of a line (`orderBy`) ran one
/// after the other, in the order in which they were accepted. It reads on from where it last read,
/// so that it may be asked after each of many faults.
public final class FactCheck implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final TopicCursor cursor;
  private final EventCodec<ExecutionEvent> codec =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private final Map<String, ExecutionStory> stories = new HashMap<>();
  private final LineCheck lines = new LineCheck();
  private final Map<UUID, String> places = new HashMap<>();
  private final Set<String> leftOut = new HashSet<>();
  private final Set<String> corrected = new HashSet<>();
  private final List<String> twice = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();
  private int unreadable;

  public FactCheck(KafkaClients clients) {
    cursor = new TopicCursor(clients, Topic.EXECUTIONS);
  }

  /// An execution about which somebody wrote what no router writes is not looked at.
  public FactCheck except(String execution) {
    leftOut.add(execution);
    return this;
  }

  /// Waits until everything accepted is on the log, everything on the log has ended, and nobody is
  /// in a line.
  public void awaitEnds(Collection<String> accepted) {
    awaitEnds(accepted, () -> {});
  }

  /// The same, and until `also` holds, which looks at what was read.
  public void awaitEnds(Collection<String> accepted, Runnable also) {
    Eventually.holds(
        PATIENCE,
        () -> {
          cursor.next().forEach(this::add);
          Set<String> missing = new HashSet<>(accepted);
          missing.removeAll(stories.keySet());
          missing.removeAll(leftOut);
          assertThat(missing).as("accepted and never begun").isEmpty();
          assertThat(open()).as("executions without an end").isEmpty();
          assertThat(lines.open()).as("executions in a line").isEmpty();
          also.run();
        });
  }

  /// Of what was read so far.
  public void assertNothingTwiceAndNoneMissing() {
    assertThat(twice).as("facts written twice").isEmpty();
    assertThat(wrong).as("facts that cannot follow").isEmpty();
    assertThat(lines.wrong()).as("lines out of order").isEmpty();
  }

  public Set<String> executions() {
    return Set.copyOf(stories.keySet());
  }

  /// Executions that were told a truth.
  public Set<String> corrected() {
    return Set.copyOf(corrected);
  }

  /// Where the request stands that an execution began with; `Position.NONE` before it has.
  public Position requestOf(String execution) {
    ExecutionStory story = stories.get(execution);
    return story == null ? Position.NONE : story.request();
  }

  /// Executions of each application.
  public Map<String, Long> byApplication() {
    return counted(stories.values().stream().map(ExecutionStory::application).toList());
  }

  /// Executions by the fact that ended them.
  public Map<String, Long> byEnd() {
    return counted(stories.values().stream().map(ExecutionStory::end).toList());
  }

  /// Records that are no facts.
  public int unreadable() {
    return unreadable;
  }

  private static Map<String, Long> counted(List<String> names) {
    return names.stream()
        .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
  }

  private List<String> open() {
    return stories.entrySet().stream()
        .filter(story -> story.getValue().end().isEmpty())
        .map(story -> story.getKey() + " stands at " + story.getValue().last())
        .toList();
  }

  private void add(ConsumerRecord<String, byte[]> record) {
    Event<ExecutionEvent> fact;
    try {
      fact = codec.decode(record.value());
    } catch (UnreadableRecordException e) {
      unreadable++;
      return;
    }
    String execution = fact.envelope().executionId();
    if (leftOut.contains(execution)) {
      return;
    }
    String place = record.partition() + "@" + record.offset();
    String before = places.putIfAbsent(fact.envelope().eventId(), place);
    if (before != null) {
      twice.add(
          ExecutionStory.described(fact)
              + " at "
              + before
              + " and "
              + place
              + " "
              + Instant.ofEpochMilli(record.timestamp())
              + " from "
              + fact.envelope().input());
      return;
    }
    lines.add(fact, ExecutionStory.isEnd(fact.body()), record.timestamp());
    if (!fact.body().ofLine()) {
      var story =
          stories.computeIfAbsent(execution, _ -> new ExecutionStory(fact.envelope().appId()));
      wrong.addAll(story.add(fact));
    }
    if (fact.body() instanceof TruthReported) {
      corrected.add(execution);
    }
  }

  @Override
  public void close() {
    cursor.close();
  }
}
