package dev.nexus.command.execution;

import static dev.nexus.command.execution.DeciderSpec.BEGIN;
import static dev.nexus.command.execution.DeciderSpec.fact;
import static dev.nexus.command.execution.DeciderSpec.given;
import static dev.nexus.command.execution.Samples.INPUT;
import static dev.nexus.command.execution.Samples.OTHER_CALLER;
import static dev.nexus.command.execution.Samples.OUTPUT;
import static dev.nexus.command.execution.Samples.SERVE;
import static dev.nexus.command.execution.Samples.TELLER;
import static dev.nexus.command.execution.Samples.accepted;
import static dev.nexus.command.execution.Samples.asked;
import static dev.nexus.command.execution.Samples.started;
import static dev.nexus.command.execution.Samples.step;
import static dev.nexus.command.execution.Samples.succeeded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.command.execution.ExecutionState.Absent;
import dev.nexus.command.execution.ExecutionState.Evicted;
import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.command.execution.ExecutionState.Quarantined;
import dev.nexus.command.execution.ExecutionState.Running;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.CallerJoined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionReleased;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.RecordParked;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.task.Tier;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExecutionFoldTest {
  private static final ExecutionSucceeded DONE = new ExecutionSucceeded(OUTPUT, Tier.MODEL);

  private static ExecutionState apply(ExecutionState state, ExecutionEvent body, long sequence) {
    return ExecutionFold.apply(state, fact(body, sequence, BEGIN));
  }

  @Test
  void shouldRefuseARepeatedAndALeftOutSequence() {
    ExecutionState running = given(accepted()).state();
    assertThatThrownBy(() -> apply(running, Samples.step(Samples.MODEL_SERVES), 1))
        .isInstanceOf(ImpossibleFactException.class)
        .hasMessage("sequence 2 expected, found 1");
    assertThatThrownBy(() -> apply(running, Samples.step(Samples.MODEL_SERVES), 3))
        .isInstanceOf(ImpossibleFactException.class);
  }

  @Test
  void shouldRefuseEveryFactButTheFirstWhereNothingWasAccepted() {
    for (ExecutionEvent body :
        List.of(
            new CallerJoined(OTHER_CALLER),
            step(Samples.MODEL_SERVES),
            asked(SERVE),
            started(SERVE),
            succeeded(SERVE),
            DONE,
            new ExecutionCancelled("x"),
            new TruthReported(OUTPUT),
            new RecordParked(),
            new ExecutionReleased(false))) {
      assertThatThrownBy(() -> apply(new Absent(), body, 1))
          .as(body.getClass().getSimpleName())
          .isInstanceOf(ImpossibleFactException.class);
    }
  }

  @Test
  void shouldKnowThroughoutAQuarantineFromWhichRequestOnAReleaseCounts() {
    ExecutionState state =
        given(
                accepted(),
                new ExecutionQuarantined("odd", 7),
                new CallerJoined(OTHER_CALLER),
                asked(SERVE),
                new TruthReported(OUTPUT),
                new RecordParked())
            .state();
    assertThat(((Quarantined) state).releaseFrom()).isEqualTo(7);
  }

  @Test
  void shouldRefuseASecondBeginningAndASecondEnd() {
    ExecutionState running = given(accepted()).state();
    assertThatThrownBy(() -> apply(running, accepted(), 2))
        .isInstanceOf(ImpossibleFactException.class);
    ExecutionState finished = given(accepted(), DONE).state();
    assertThatThrownBy(() -> apply(finished, new ExecutionCancelled("x"), 3))
        .isInstanceOf(ImpossibleFactException.class);
    assertThatThrownBy(() -> apply(finished, new CallerJoined(OTHER_CALLER), 3))
        .isInstanceOf(ImpossibleFactException.class);
  }

  @Test
  void shouldRefuseNewsOfATaskThatWasNeverAskedFor() {
    ExecutionState running = given(accepted(), step(Samples.MODEL_SERVES)).state();
    assertThatThrownBy(() -> apply(running, started(SERVE), 3))
        .isInstanceOf(ImpossibleFactException.class);
  }

  @Test
  void shouldGoOnFromItsFirstAndItsEndingFactAlone() {
    var first = fact(accepted(), 1, BEGIN);
    var ending = fact(DONE, 5, BEGIN);
    Finished finished = ExecutionFold.finished(first, ending, Truths.NONE.and(INPUT, TELLER), 8);

    assertThat(finished.terminal()).isEqualTo(DONE);
    assertThat(finished.terminalSequence()).isEqualTo(5);
    assertThat(apply(finished, new TruthReported(OUTPUT), 9).sequence()).isEqualTo(9);
    assertThat(apply(finished, new TruthReported(OUTPUT), 9).truths().told()).isEqualTo(2);
  }

  @Test
  void shouldOnlyCountWhatComesAfterEviction() {
    ExecutionState evicted = new Evicted("orders", Truths.NONE, 5);
    assertThat(apply(evicted, new TruthReported(OUTPUT), 6))
        .isEqualTo(new Evicted("orders", Truths.NONE.and(OUTPUT, TELLER), 6));
    assertThatThrownBy(() -> apply(evicted, asked(SERVE), 6))
        .isInstanceOf(ImpossibleFactException.class);
  }

  @Test
  void shouldKeepTheNewestAttemptOfAWork() {
    Running running =
        (Running)
            given(accepted(), step(Samples.MODEL_SERVES), asked(SERVE), asked(SERVE.next()))
                .state();
    assertThat(running.works()).extracting(Work::task).containsExactly(SERVE.next());
  }
}
