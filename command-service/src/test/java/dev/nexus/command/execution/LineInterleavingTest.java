package dev.nexus.command.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.command.execution.ExecutionState.Running;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/// Executions in lines, over partitions that are read at random, with news that comes twice, owners
/// that are killed, cancellations, failures and quarantine. A failure prints the seed that repeats
/// it.
class LineInterleavingTest {

  @Property(tries = 1_500)
  void shouldRunOneAfterTheOtherWhateverHappens(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int partitions,
      @ForAll @IntRange(min = 1, max = 3) int lines) {
    // Given
    var random = new Random(seed);
    var paper = new PaperLines(random, partitions, lines);
    int members = 3 + random.nextInt(8);

    // When: whatever is decided, two of a line are never under way
    for (int i = 0; i < members; i++) {
      paper.trigger(i);
      for (int more = random.nextInt(12); more > 0; more--) {
        paper.something();
        assertOneAtATime(paper);
      }
    }
    while (paper.settle()) {
      assertOneAtATime(paper);
    }

    // Then: all have ended, and nobody waits
    assertThat(paper.members())
        .allSatisfy(member -> assertThat(paper.state(member)).isInstanceOf(Finished.class));
    assertThat(paper.waiting()).isEmpty();
  }

  /// On one partition that nothing disturbs the order is that of the events.
  @Property(tries = 300)
  void shouldRunInTheOrderOfTheEventsOnOnePartition(@ForAll long seed) {
    // Given
    var random = new Random(seed);
    var paper = new PaperLines(random, 1, 1);

    // When
    for (int i = 0; i < 8; i++) {
      paper.trigger(i);
      for (int more = random.nextInt(6); more > 0; more--) {
        paper.readSomewhere();
        if (random.nextInt(3) == 0) {
          paper.endSomebody();
        }
      }
    }
    while (paper.settle()) {
      assertOneAtATime(paper);
    }

    // Then
    assertThat(paper.begun()).isEqualTo(paper.members());
  }

  private static void assertOneAtATime(PaperLines paper) {
    for (var line : paper.lines()) {
      List<Object> underWay = new ArrayList<>();
      for (var member : paper.members()) {
        ExecutionState state = paper.state(member);
        ExecutionState held =
            state instanceof ExecutionState.Quarantined(var in, _, _, _, _) ? in : state;
        if (held instanceof Running running
            && running.line().equals(line)
            && !running.awaitsTurn()) {
          underWay.add(member);
        }
      }
      assertThat(underWay).as("under way in %s", line).hasSizeLessThan(2);
    }
  }
}
