package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.Position;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TaskDeoptimised;
import dev.nexus.event.execution.ExecutionEvent.TaskFailed;
import dev.nexus.event.execution.ExecutionEvent.TaskStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.OutcomeEvent.WorkContinued;
import dev.nexus.event.task.OutcomeEvent.WorkDeoptimised;
import dev.nexus.event.task.OutcomeEvent.WorkFailed;
import dev.nexus.event.task.OutcomeEvent.WorkStarted;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.TaskKey;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicCursor;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Prompts that another instance has begun and not done when it is stopped: the first one does them
/// again after their lease, and what the other says of them later counts for nothing.
final class HeldWork implements AutoCloseable {
  /// An executor accepts one prompt after the other, so who has begun two works on one of them.
  private static final int ENOUGH = 2;

  /// Each instance gets about half of them.
  private static final int MOST = 30;

  private final EventCodec<ExecutionEvent> facts =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private final EventCodec<OutcomeEvent> outcomes =
      EventCodec.of(Topic.OUTCOMES, OutcomeEvent.class);
  private final FaultRig rig;
  private final String first;
  private final TopicCursor newFacts;
  private final TopicCursor newOutcomes;

  /// Facts of the executions that were asked for here.
  private final Map<String, List<ExecutionEvent>> stories = new HashMap<>();

  /// The newest outcome of each partition that a fact was made of.
  private final Map<Integer, Long> decided = new HashMap<>();

  private List<Held> held = List.of();
  private List<Held> lost = List.of();

  HeldWork(FaultRig rig) {
    this.rig = rig;
    this.first = rig.instance();
    this.newFacts = new TopicCursor(rig.clients(), Topic.EXECUTIONS);
    this.newOutcomes = new TopicCursor(rig.clients(), Topic.OUTCOMES);
    newFacts.next();
    newOutcomes.next();
  }

  /// What came late about a task, and where it stands.
  private record Late(Held work, int partition, long offset, OutcomeEvent outcome) {}

  /// A task that an instance has begun.
  private record Held(String execution, TaskKey task, String instance) {
    /// Whether it says how the task ended.
    boolean isEndedBy(Event<OutcomeEvent> said) {
      OutcomeEvent outcome = said.body();
      return said.envelope().executionId().equals(execution)
          && outcome.task().equals(task)
          && switch (outcome) {
            case WorkSucceeded success -> success.instance().equals(instance);
            case WorkFailed failure -> failure.instance().equals(instance);
            case WorkDeoptimised declined -> declined.instance().equals(instance);
            case WorkStarted _, WorkContinued _ -> false;
          };
    }

    /// Whether a fact was made of what the instance said of it.
    boolean hasMade(ExecutionEvent fact) {
      return (fact instanceof TaskSucceeded success
              && success.task().equals(task)
              && success.instance().equals(instance))
          || (fact instanceof TaskFailed failure
              && failure.task().equals(task)
              && failure.instance().equals(instance))
          || (fact instanceof TaskDeoptimised declined
              && declined.task().equals(task)
              && declined.instance().equals(instance));
    }
  }

  /// Has prompts begun that cannot end, as the model says nothing until `pass` and the other
  /// instance waits for it, until that has some of them.
  void begin() {
    rig.modelRoad().silence();
    Eventually.holds(
        FaultRig.RECOVERED_WITHIN,
        () -> {
          if (stories.size() < MOST) {
            ask();
          }
          readOn();
          held = begunByTheOther();
          assertThat(held).as("begun by another instance").hasSizeGreaterThanOrEqualTo(ENOUGH);
        });
  }

  private void ask() throws InterruptedException, IOException {
    HttpResponse<String> accepted = rig.call("ask", "0s");
    assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
    String execution = CanonicalJson.read(accepted.body()).path("executionId").asText();
    stories.put(execution, new ArrayList<>());
    rig.alsoAccepted(Set.of(execution));
  }

  private List<Held> begunByTheOther() {
    List<Held> begun = new ArrayList<>();
    stories.forEach(
        (execution, story) -> {
          if (!story.isEmpty()
              && story.getLast() instanceof TaskStarted started
              && !started.instance().equals(first)) {
            begun.add(new Held(execution, started.task(), started.instance()));
          }
        });
    return begun;
  }

  /// Waits until the first instance has done all of them, of which some were lost with the other.
  void awaitDoneAgain() {
    Eventually.holds(
        FaultRig.RECOVERED_WITHIN,
        () -> {
          readOn();
          assertThat(held).as("begun by another, done again").allMatch(this::isDoneByTheFirst);
        });
    lost = held.stream().filter(this::isLost).toList();
    assertThat(lost).as("of %s those whose lease ran out, in %s", held, stories).isNotEmpty();
  }

  private boolean isDoneByTheFirst(Held work) {
    return story(work).stream()
        .anyMatch(
            fact -> fact instanceof TaskSucceeded success && success.instance().equals(first));
  }

  /// Nothing was heard of it for a lease, and the first instance began another attempt.
  private boolean isLost(Held work) {
    return story(work).stream()
            .anyMatch(
                fact ->
                    fact instanceof TaskFailed failure
                        && failure.task().equals(work.task())
                        && failure.failure() == FailureClass.LOST
                        && failure.detail().contains(work.instance()))
        && story(work).stream()
            .anyMatch(
                fact ->
                    fact instanceof TaskStarted started
                        && started.task().sameWork(work.task())
                        && started.task().attempt() > work.task().attempt()
                        && started.instance().equals(first));
  }

  /// Waits until the other one, which goes on, has said how a task ended that was done again, and
  /// a fact was made of what stands behind that in its partition: none was made of it.
  void assertLateOutcomesCountForNothing() {
    List<Late> late = new ArrayList<>();
    Eventually.holds(
        FaultRig.RECOVERED_WITHIN,
        () -> {
          for (var record : newOutcomes.next()) {
            Event<OutcomeEvent> said = outcomes.decode(record.value());
            lost.stream()
                .filter(work -> work.isEndedBy(said))
                .map(work -> new Late(work, record.partition(), record.offset(), said.body()))
                .forEach(late::add);
          }
          assertThat(late).as("late outcomes of %s", lost).isNotEmpty();
        });
    Eventually.holds(
        FaultRig.RECOVERED_WITHIN,
        () -> {
          readOn();
          assertThat(late)
              .as("late outcomes, in partitions decided on up to %s", decided)
              .allMatch(said -> decided.getOrDefault(said.partition(), -1L) > said.offset());
        });
    for (Late said : late) {
      assertThat(story(said.work()))
          .as("%s, of which came late: %s", said.work(), said.outcome())
          .noneMatch(said.work()::hasMade)
          .filteredOn(fact -> fact instanceof ExecutionSucceeded)
          .hasSize(1);
    }
  }

  private List<ExecutionEvent> story(Held work) {
    return stories.getOrDefault(work.execution(), List.of());
  }

  private void readOn() {
    for (var record : newFacts.next()) {
      Event<ExecutionEvent> fact = facts.decode(record.value());
      Position input = fact.envelope().input();
      if (input.exists() && input.inputTopic().equals(Topic.OUTCOMES.topicName())) {
        decided.merge(input.inputPartition(), input.inputOffset(), Math::max);
      }
      List<ExecutionEvent> story = stories.get(fact.envelope().executionId());
      if (story != null) {
        story.add(fact.body());
      }
    }
  }

  @Override
  public void close() {
    newFacts.close();
    newOutcomes.close();
  }
}
