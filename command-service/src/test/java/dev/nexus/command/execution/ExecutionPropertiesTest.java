package dev.nexus.command.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.execution.Consequence.AssignTask;
import dev.nexus.command.execution.ExecutionState.Absent;
import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionReleased;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.ExecutionTimedOut;
import dev.nexus.event.task.TaskKey;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/// What holds for every sequence of commands. A failure prints the seed that repeats it.
class ExecutionPropertiesTest {
  private static ExecutionState fold(ExecutionState from, List<Event<ExecutionEvent>> facts) {
    ExecutionState state = from;
    for (Event<ExecutionEvent> fact : facts) {
      state = ExecutionFold.apply(state, fact);
    }
    return state;
  }

  @Property(tries = 3_000)
  void shouldFoldWhateverItDecides(@ForAll long seed, @ForAll @IntRange(max = 60) int commands) {
    // When: deciding or folding would throw here
    RandomExecution run = new RandomExecution(seed).run(commands);

    // Then
    assertThat(run.facts())
        .extracting(f -> f.envelope().sequence())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, run.facts().size()).boxed().toList());
    List<TaskKey> assigned =
        run.consequences().stream()
            .filter(AssignTask.class::isInstance)
            .map(c -> ((AssignTask) c).request().task())
            .toList();
    assertThat(assigned).doesNotHaveDuplicates();
    List<UUID> ids =
        run.consequences().stream().map(c -> c.eventId(DeciderSpec.EXECUTION)).toList();
    assertThat(ids).doesNotHaveDuplicates();
  }

  @Property(tries = 3_000)
  void shouldFoldInTwoPartsAsInOne(@ForAll long seed, @ForAll @IntRange(max = 100) int percent) {
    // Given
    RandomExecution run = new RandomExecution(seed).run(40);
    int cut = run.facts().size() * percent / 100;

    // When
    ExecutionState first = fold(new Absent(), run.facts().subList(0, cut));
    ExecutionState both = fold(first, run.facts().subList(cut, run.facts().size()));

    // Then
    assertThat(both).isEqualTo(run.state());
  }

  @Property(tries = 3_000)
  void shouldEndEveryExecutionExactlyOnce(@ForAll long seed) {
    // When
    RandomExecution run = new RandomExecution(seed).run(30).settle();

    // Then
    assertThat(run.state()).isInstanceOf(Finished.class);
    assertThat(run.state().allWorks()).noneMatch(Work::open);
    assertThat(run.facts().stream().filter(f -> ends(f.body())).count()).isLessThanOrEqualTo(1);
  }

  private static boolean ends(ExecutionEvent body) {
    return body instanceof ExecutionSucceeded
        || body instanceof ExecutionFailed
        || body instanceof ExecutionCancelled
        || body instanceof ExecutionTimedOut;
  }

  @Property(tries = 2_000)
  void shouldAnswerEveryCallerWhenItEnds(@ForAll long seed) {
    // Given
    RandomExecution run = new RandomExecution(seed).run(30).settle();
    long ending = ((Finished) run.state()).terminalSequence();
    ExecutionState before = fold(new Absent(), run.facts().subList(0, (int) ending - 1));
    ExecutionState met =
        before instanceof ExecutionState.Quarantined(var held, _, _, _, _) ? held : before;

    // When
    List<Consequence> consequences = Consequences.of(before, run.facts().get((int) ending - 1));

    // Then
    List<String> answered =
        consequences.stream()
            .filter(Consequence.Reply.class::isInstance)
            .map(c -> ((Consequence.Reply) c).reply().replyInstance())
            .toList();
    assertThat(answered)
        .containsExactlyInAnyOrderElementsOf(
            ((ExecutionState.Running) met).callers().stream().map(c -> c.replyInstance()).toList());
    assertThat(run.facts().get((int) ending - 1).body())
        .matches(body -> ends(body) || body instanceof ExecutionReleased);
  }
}
