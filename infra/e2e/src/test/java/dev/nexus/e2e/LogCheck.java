package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.ExecutionTimedOut;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.rebuild.Verification;
import dev.nexus.standalone.run.Platform;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicCursor;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// What must be so after every fault: each accepted request has ended, once; no fact stands on the
/// log twice, none is missing from its sequence, no piece of work counts twice; and the projections
/// are the fold of the log.
final class LogCheck {
  private static final Set<Class<? extends ExecutionEvent>> ENDS =
      Set.of(
          ExecutionSucceeded.class,
          ExecutionFailed.class,
          ExecutionCancelled.class,
          ExecutionTimedOut.class);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration FOLDED_WITHIN = Duration.ofSeconds(30);

  private final Settings settings;
  private final Function<Duration, Verification> verification;
  private final EventCodec<ExecutionEvent> codec =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private final Map<String, List<Event<ExecutionEvent>>> facts = new HashMap<>();
  private final Map<Object, List<String>> places = new HashMap<>();

  LogCheck(Platform platform) {
    this(new Installation.Together(platform));
  }

  LogCheck(Installation installation) {
    this.settings = installation.settings();
    this.verification = installation::verify;
  }

  /// Waits until everything on the log has ended and `also` holds, and looks at all of it.
  void assertNothingLostOrTwice(
      Set<String> accepted, Predicate<Map<String, List<Event<ExecutionEvent>>>> also) {
    try (var cursor = new TopicCursor(new KafkaClients(settings), Topic.EXECUTIONS)) {
      Eventually.holds(
          PATIENCE,
          () -> {
            cursor.next().forEach(this::add);
            assertThat(missing(accepted)).as("accepted and never begun").isEmpty();
            assertThat(open()).as("executions without an end").isEmpty();
            assertThat(also.test(facts)).as("what else has to be on the log").isTrue();
          });
    }
    assertThat(places.values().stream().filter(p -> p.size() > 1).toList())
        .as("facts written twice")
        .isEmpty();
    facts.forEach(LogCheck::assertWhole);
    Verification found = verification.apply(FOLDED_WITHIN);
    assertThat(found.differences()).isEmpty();
    assertThat(found.notCompared()).isEmpty();
  }

  Map<String, Long> byApplication() {
    return byApplication(facts);
  }

  static Map<String, Long> byApplication(Map<String, List<Event<ExecutionEvent>>> facts) {
    return facts.values().stream()
        .collect(
            Collectors.groupingBy(f -> f.getFirst().envelope().appId(), Collectors.counting()));
  }

  private void add(ConsumerRecord<String, byte[]> record) {
    Event<ExecutionEvent> fact = codec.decode(record.value());
    facts.computeIfAbsent(fact.envelope().executionId(), _ -> new ArrayList<>()).add(fact);
    places
        .computeIfAbsent(fact.envelope().eventId(), _ -> new ArrayList<>(1))
        .add(
            record.partition()
                + "@"
                + record.offset()
                + " "
                + Instant.ofEpochMilli(record.timestamp())
                + " "
                + fact.body().getClass().getSimpleName()
                + " from "
                + fact.envelope().input());
  }

  private Set<String> missing(Set<String> accepted) {
    Set<String> missing = new HashSet<>(accepted);
    missing.removeAll(facts.keySet());
    return missing;
  }

  private List<String> open() {
    return facts.entrySet().stream()
        .filter(entry -> entry.getValue().stream().noneMatch(LogCheck::isEnd))
        .map(entry -> entry.getKey() + " stands at " + entry.getValue().getLast().body().getClass())
        .toList();
  }

  private static boolean isEnd(Event<ExecutionEvent> fact) {
    return ENDS.contains(fact.body().getClass());
  }

  private static void assertWhole(String execution, List<Event<ExecutionEvent>> facts) {
    assertThat(facts)
        .as("sequence of " + execution)
        .extracting(f -> f.envelope().sequence())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, facts.size()).boxed().toList());
    assertThat(facts).as("ends of " + execution).filteredOn(LogCheck::isEnd).hasSize(1);
    assertThat(
            facts.stream()
                .map(Event::body)
                .filter(TaskSucceeded.class::isInstance)
                .map(fact -> ((TaskSucceeded) fact).task())
                .map(task -> task.step() + " " + task.role()))
        .as("work of " + execution + " that counts")
        .doesNotHaveDuplicates();
  }
}
