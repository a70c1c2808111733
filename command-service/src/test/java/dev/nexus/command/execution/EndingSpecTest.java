package dev.nexus.command.execution;

import static dev.nexus.command.execution.DeciderSpec.BEGIN;
import static dev.nexus.command.execution.DeciderSpec.given;
import static dev.nexus.command.execution.Samples.CALLER;
import static dev.nexus.command.execution.Samples.INPUT;
import static dev.nexus.command.execution.Samples.MODEL_SERVES;
import static dev.nexus.command.execution.Samples.MODEL_SERVES_SHADOWED;
import static dev.nexus.command.execution.Samples.OTHER_CALLER;
import static dev.nexus.command.execution.Samples.OUTPUT;
import static dev.nexus.command.execution.Samples.POLICY;
import static dev.nexus.command.execution.Samples.SERVE;
import static dev.nexus.command.execution.Samples.SHADOW;
import static dev.nexus.command.execution.Samples.TELLER;
import static dev.nexus.command.execution.Samples.TIMEOUT;
import static dev.nexus.command.execution.Samples.accepted;
import static dev.nexus.command.execution.Samples.asked;
import static dev.nexus.command.execution.Samples.askedOfCode;
import static dev.nexus.command.execution.Samples.cancel;
import static dev.nexus.command.execution.Samples.done;
import static dev.nexus.command.execution.Samples.known;
import static dev.nexus.command.execution.Samples.release;
import static dev.nexus.command.execution.Samples.request;
import static dev.nexus.command.execution.Samples.start;
import static dev.nexus.command.execution.Samples.started;
import static dev.nexus.command.execution.Samples.step;
import static dev.nexus.command.execution.Samples.succeeded;
import static dev.nexus.command.execution.Samples.time;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.execution.Consequence.CancelTask;
import dev.nexus.command.execution.Consequence.Reply;
import dev.nexus.command.execution.Decision.Reason;
import dev.nexus.command.execution.ExecutionCommand.CancelExecution;
import dev.nexus.command.execution.ExecutionCommand.GiveUpTask;
import dev.nexus.command.execution.ExecutionCommand.ReleaseExecution;
import dev.nexus.command.execution.ExecutionCommand.ReportTruth;
import dev.nexus.command.execution.ExecutionCommand.StartExecution;
import dev.nexus.command.execution.ExecutionState.Absent;
import dev.nexus.command.execution.ExecutionState.Evicted;
import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.command.execution.ExecutionState.Quarantined;
import dev.nexus.command.execution.ExecutionState.Running;
import dev.nexus.event.Json;
import dev.nexus.event.Position;
import dev.nexus.event.execution.ExecutionEvent.CallerJoined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionReleased;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.ExecutionTimedOut;
import dev.nexus.event.execution.ExecutionEvent.RecordParked;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.reply.ReplyEvent.ProblemReplied;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.Tier;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndingSpecTest {
  private static final ReleaseExecution GO_ON = release(false, ReplyAddress.NOBODY);
  private static final ReleaseExecution DISCARD = release(true, ReplyAddress.NOBODY);

  private static DeciderSpec shadowed() {
    return given(accepted(), step(MODEL_SERVES_SHADOWED), asked(SERVE), askedOfCode(SHADOW));
  }

  private static DeciderSpec finished() {
    return given(
        accepted(),
        step(MODEL_SERVES),
        asked(SERVE),
        succeeded(SERVE),
        new ExecutionSucceeded(OUTPUT, Tier.MODEL));
  }

  private static DeciderSpec quarantined() {
    return given(
        accepted(),
        step(MODEL_SERVES),
        asked(SERVE),
        started(SERVE),
        new ExecutionQuarantined("odd"));
  }

  @Test
  void shouldCancelAndCallAllWorkOff() {
    shadowed()
        .when(cancel())
        .thenFacts(new ExecutionCancelled("no longer needed"))
        .thenGoOut(
            new CancelTask(SERVE, "ExecutionCancelled"),
            new CancelTask(SHADOW, "ExecutionCancelled"),
            new Reply(0, new ProblemReplied("api-1", "cancelled", "no longer needed", 5), 5))
        .when(cancel())
        .thenAnsweredAgain()
        .when(done(SERVE))
        .thenIgnored();
  }

  @Test
  void shouldAnswerTheOneWhoCancels() {
    given(accepted(ReplyAddress.NOBODY))
        .when(new CancelExecution("enough", OTHER_CALLER))
        .thenFacts(new CallerJoined(OTHER_CALLER), new ExecutionCancelled("enough"))
        .thenGoOut(new Reply(1, new ProblemReplied("api-2", "cancelled", "enough", 3), 3));
  }

  @Test
  void shouldRejectCancelWhenExecutionIsFinished() {
    finished().when(cancel()).thenRejected(Reason.ALREADY_FINISHED);
  }

  @Test
  void shouldRejectCancelWhenThereIsNoExecution() {
    given().when(cancel()).thenRejected(Reason.NO_SUCH_EXECUTION);
  }

  @Test
  void shouldTimeOutAtTheDeadlineAndCallAllWorkOff() {
    shadowed()
        .after(TIMEOUT)
        .when(time())
        .thenFacts(new ExecutionTimedOut(BEGIN.plus(TIMEOUT)))
        .thenGoOut(
            new CancelTask(SERVE, "ExecutionTimedOut"),
            new CancelTask(SHADOW, "ExecutionTimedOut"),
            new Reply(
                0,
                new ProblemReplied("api-1", "timed-out", "no result by " + BEGIN.plus(TIMEOUT), 5),
                5))
        .when(time())
        .thenIgnored();
  }

  @Test
  void shouldLetTheShadowGoOnAfterASuccess() {
    DeciderSpec spec =
        shadowed()
            .when(done(SERVE))
            .thenGoOut(new Reply(0, new ResultReplied("api-1", OUTPUT, Tier.MODEL, 6), 6))
            .when(done(SHADOW))
            .thenFacts(succeeded(SHADOW));
    assertThat(((Finished) spec.state()).works()).noneMatch(Work::open);
  }

  @Test
  void shouldAnswerEveryCallerThatJoined() {
    given(accepted(), step(MODEL_SERVES), asked(SERVE), new CallerJoined(OTHER_CALLER))
        .when(done(SERVE))
        .thenGoOut(
            new Reply(0, new ResultReplied("api-1", OUTPUT, Tier.MODEL, 6), 6),
            new Reply(1, new ResultReplied("api-2", OUTPUT, Tier.MODEL, 6), 6));
  }

  @Test
  void shouldTakeTheTruthAtAnyTimeAfterTheBeginning() {
    finished()
        .when(new ReportTruth(OUTPUT, TELLER))
        .thenFacts(new TruthReported(OUTPUT))
        .thenGoOut();
    shadowed().when(new ReportTruth(OUTPUT, TELLER)).thenFacts(new TruthReported(OUTPUT));
    given().when(new ReportTruth(OUTPUT, TELLER)).thenRejected(Reason.NO_SUCH_EXECUTION);
    assertThat(
            ExecutionDecider.decide(
                new Evicted("orders", Truths.NONE, 5), new ReportTruth(OUTPUT, TELLER), BEGIN))
        .isInstanceOf(Decision.Accepted.class);
  }

  @Test
  void shouldTakeATruthThatIsToldAgainAsToldAlready() {
    finished()
        .when(new ReportTruth(OUTPUT, TELLER))
        .thenFacts(new TruthReported(OUTPUT))
        .when(new ReportTruth(OUTPUT, TELLER))
        .thenIgnored()
        .when(new ReportTruth(INPUT, TELLER))
        .thenFacts(new TruthReported(INPUT))
        .when(new ReportTruth(OUTPUT, TELLER))
        .thenFacts(new TruthReported(OUTPUT))
        .when(new ReportTruth(OUTPUT, "key:other"))
        .thenFacts(new TruthReported(OUTPUT));
  }

  /// Whoever may tell truths must not be able to make an execution too large for its partition.
  @Test
  void shouldTakeNoMoreTruthsThanAnExecutionMayHave() {
    for (DeciderSpec spec : List.of(given(accepted()), finished(), shadowed())) {
      // Given
      tellMany(spec, Truths.MOST);
      long facts = spec.state().sequence();

      // When
      spec.when(new ReportTruth(OUTPUT, TELLER));

      // Then
      spec.thenRejected(Reason.TOO_MANY_TRUTHS);
      assertThat(((Decision.Rejected) spec.decision()).detail()).contains("100 at most");
      assertThat(spec.state().sequence()).isEqualTo(facts);
    }
  }

  /// A log from before there was a bound.
  @Test
  void shouldFoldMoreTruthsThanItTakes() {
    ExecutionState state = finished().state();
    for (int i = 0; i < 3 * Truths.MOST; i++) {
      var fact = DeciderSpec.fact(new TruthReported(truth(i)), state.sequence() + 1, BEGIN);
      state = ExecutionFold.apply(state, fact);
    }

    assertThat(state.truths().told()).isEqualTo(3 * Truths.MOST);
    assertThat(ExecutionDecider.decide(state, new ReportTruth(OUTPUT, TELLER), BEGIN))
        .isInstanceOf(Decision.Rejected.class);
  }

  @Test
  void shouldKeepToTheBoundWhatWasParked() {
    // Given
    DeciderSpec spec = tellMany(quarantined(), Truths.MOST + 1);
    assertThat(((Quarantined) spec.state()).parked()).hasSize(Truths.MOST + 1);

    // When: as the router does, one after the other
    tellMany(spec.when(GO_ON), Truths.MOST + 1);

    // Then
    spec.thenRejected(Reason.TOO_MANY_TRUTHS);
  }

  private static DeciderSpec tellMany(DeciderSpec spec, int times) {
    for (int i = 0; i < times; i++) {
      spec.when(new ReportTruth(truth(i), TELLER));
    }
    return spec;
  }

  private static Json truth(int i) {
    return new Json(Integer.toString(i));
  }

  @Test
  void shouldTellTheCallersOfAQuarantine() {
    DeciderSpec spec =
        given(accepted(), step(MODEL_SERVES), asked(SERVE)).when(done(SERVE.next().next()));
    spec.thenImpossible();
    assertThat(
            Consequences.of(
                spec.state(), DeciderSpec.fact(new ExecutionQuarantined("odd"), 4, BEGIN)))
        .containsExactly(new Reply(0, new ProblemReplied("api-1", "quarantined", "odd", 4), 4));
  }

  @Test
  void shouldStandStillInQuarantine() {
    quarantined()
        .when(new CancelExecution("enough", OTHER_CALLER))
        .thenRejected(Reason.QUARANTINED);
    quarantined().when(start(known(MODEL_SERVES))).thenRejected(Reason.QUARANTINED);
    quarantined().after(TIMEOUT).when(time()).thenIgnored();
    quarantined().when(new GiveUpTask(SERVE, POLICY)).thenIgnored();
  }

  @Test
  void shouldParkTheNewsNobodyWaitsForUntilItIsReleased() {
    // When
    DeciderSpec spec =
        quarantined()
            .when(done(SERVE))
            .thenFacts(new RecordParked())
            .thenGoOut()
            .when(new ReportTruth(OUTPUT, TELLER))
            .thenFacts(new RecordParked())
            .when(new CancelExecution("enough", ReplyAddress.NOBODY))
            .thenFacts(new RecordParked());

    // Then
    assertThat(((Quarantined) spec.state()).parked()).hasSize(3);
    assertThat(spec.when(GO_ON).state()).isInstanceOf(Running.class);
  }

  @Test
  void shouldKeepWhatIsParkedWhenAnotherImpossibleFactComes() {
    ExecutionState state =
        given(
                accepted(),
                new ExecutionQuarantined("odd"),
                new RecordParked(),
                new ExecutionQuarantined("odder"))
            .state();
    assertThat(((Quarantined) state).parked()).hasSize(1);
  }

  @Test
  void shouldParkNothingForWhatWasNeverAcceptedNorWithoutEnd() {
    ExecutionState held = shadowed().state();
    var full = Collections.nCopies(ExecutionDecider.MOST_PARKED, Position.NONE);
    for (ExecutionState state :
        List.of(
            Quarantined.of(new Absent(), "odd", 0, 1), new Quarantined(held, "odd", 0, full, 9))) {
      assertThat(ExecutionDecider.decide(state, new ReportTruth(OUTPUT, TELLER), BEGIN))
          .isInstanceOf(Decision.Rejected.class);
    }
  }

  @Test
  void shouldGoOnWhenReleased() {
    quarantined()
        .when(GO_ON)
        .thenFacts(new ExecutionReleased(false))
        .thenGoOut()
        .when(done(SERVE))
        .thenFacts(succeeded(SERVE), new ExecutionSucceeded(OUTPUT, Tier.MODEL))
        .thenGoOut(new Reply(0, new ResultReplied("api-1", OUTPUT, Tier.MODEL, 8), 8));
  }

  @Test
  void shouldEndWhenDiscarded() {
    quarantined()
        .when(DISCARD)
        .thenFacts(new ExecutionReleased(true))
        .thenGoOut(
            new CancelTask(SERVE, "ExecutionReleased"),
            new Reply(
                0, new ProblemReplied("api-1", "cancelled", "discarded by an operator", 6), 6))
        .when(new StartExecution(request(INPUT, CALLER), known(MODEL_SERVES)))
        .thenAnsweredAgain()
        .when(cancel())
        .thenRejected(Reason.ALREADY_FINISHED);
  }

  @Test
  void shouldAnswerTheOneWhoReleases() {
    quarantined()
        .when(release(true, OTHER_CALLER))
        .thenFacts(new CallerJoined(OTHER_CALLER), new ExecutionReleased(true))
        .thenGoOut(
            new CancelTask(SERVE, "ExecutionReleased"),
            new Reply(
                0, new ProblemReplied("api-1", "cancelled", "discarded by an operator", 7), 7),
            new Reply(
                1, new ProblemReplied("api-2", "cancelled", "discarded by an operator", 7), 7));
  }

  @Test
  void shouldRejectAReleaseOfWhatIsNotQuarantined() {
    given().when(GO_ON).thenRejected(Reason.NO_SUCH_EXECUTION);
    shadowed().when(GO_ON).thenRejected(Reason.NOT_QUARANTINED);
    finished().when(DISCARD).thenRejected(Reason.NOT_QUARANTINED);
    assertThat(ExecutionDecider.decide(Quarantined.of(new Absent(), "odd", 0, 1), DISCARD, BEGIN))
        .isInstanceOf(Decision.Rejected.class);
  }

  @Test
  void shouldRefuseInTheSameWordsWhatWasRefusedBeforeTheQuarantine() {
    // Given
    var early = new ReleaseExecution(true, OTHER_CALLER, 6, true);
    Decision refused = given(accepted()).when(early).decision();

    // When
    DeciderSpec spec = given(accepted(), new ExecutionQuarantined("odd", 7)).when(early);

    // Then
    spec.thenRejected(Reason.NOT_QUARANTINED);
    assertThat(spec.decision()).isEqualTo(refused);
    assertThat(spec.state()).isInstanceOf(Quarantined.class);
    spec.when(new ReleaseExecution(true, ReplyAddress.NOBODY, 7, true))
        .thenFacts(new ExecutionReleased(true));
  }

  @Test
  void shouldBeReleasedOnlyByWhatWasAskedSinceTheNewestQuarantine() {
    var between = new ReleaseExecution(false, ReplyAddress.NOBODY, 5, true);
    var first = new ExecutionQuarantined("odd", 3);
    var second = new ExecutionQuarantined("odder", 8);
    given(accepted(), first).when(between).thenFacts(new ExecutionReleased(false));
    given(accepted(), first, new ExecutionReleased(false), second)
        .when(between)
        .thenRejected(Reason.NOT_QUARANTINED);
    given(accepted(), first, second).when(between).thenRejected(Reason.NOT_QUARANTINED);
  }

  /// Requests that were created anew, or have lost their end, count from a lower offset again.
  @Test
  void shouldBeReleasedByWhatNobodyCanHaveReadBeforeWhereverItStands() {
    given(accepted(), new ExecutionQuarantined("odd", 500))
        .when(new ReleaseExecution(false, ReplyAddress.NOBODY, 0, false))
        .thenFacts(new ExecutionReleased(false));
  }

  @Test
  void shouldKeepTheEndOfAFinishedExecutionThroughAQuarantine() {
    DeciderSpec spec =
        given(
                accepted(),
                new ExecutionSucceeded(OUTPUT, Tier.MODEL),
                new ExecutionQuarantined("odd"))
            .when(DISCARD)
            .thenFacts(new ExecutionReleased(true))
            .thenGoOut();
    assertThat(((Finished) spec.state()).terminal())
        .isEqualTo(new ExecutionSucceeded(OUTPUT, Tier.MODEL));
  }

  @Test
  void shouldNotQuarantineTwice() {
    DeciderSpec spec =
        given(accepted(), new ExecutionQuarantined("odd"), new ExecutionQuarantined("odder"))
            .when(GO_ON);
    assertThat(spec.state()).isInstanceOf(Running.class);
  }

  @Test
  void shouldSpeakOnlyForItsOwnApplication() {
    ExecutionState state = shadowed().state();
    assertThat(ExecutionDecider.foreign(state, "billing")).isPresent();
    assertThat(ExecutionDecider.foreign(state, "orders")).isEmpty();
    assertThat(ExecutionDecider.foreign(state, "")).isEmpty();
    assertThat(ExecutionDecider.foreign(new Absent(), "billing")).isEmpty();
  }
}
