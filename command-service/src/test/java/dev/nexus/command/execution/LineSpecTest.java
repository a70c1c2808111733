package dev.nexus.command.execution;

import static dev.nexus.command.execution.DeciderSpec.BEGIN;
import static dev.nexus.command.execution.DeciderSpec.given;
import static dev.nexus.command.execution.Samples.INPUT;
import static dev.nexus.command.execution.Samples.MODEL_SERVES;
import static dev.nexus.command.execution.Samples.SERVE;
import static dev.nexus.command.execution.Samples.TIMEOUT;
import static dev.nexus.command.execution.Samples.asked;
import static dev.nexus.command.execution.Samples.cancel;
import static dev.nexus.command.execution.Samples.done;
import static dev.nexus.command.execution.Samples.known;
import static dev.nexus.command.execution.Samples.request;
import static dev.nexus.command.execution.Samples.seconds;
import static dev.nexus.command.execution.Samples.step;
import static dev.nexus.command.execution.Samples.time;
import static dev.nexus.event.request.RequestEvent.ReplyAddress.NOBODY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.execution.Consequence.AssignTask;
import dev.nexus.command.execution.Consequence.GrantTurn;
import dev.nexus.command.execution.Consequence.ReportEnd;
import dev.nexus.command.execution.Decision.Reason;
import dev.nexus.command.execution.ExecutionCommand.ContinueExecution;
import dev.nexus.command.execution.ExecutionCommand.JoinLine;
import dev.nexus.command.execution.ExecutionCommand.LeaveLine;
import dev.nexus.command.execution.ExecutionCommand.StartExecution;
import dev.nexus.command.execution.ExecutionCommand.TakeTurn;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.LineJoined;
import dev.nexus.event.execution.ExecutionEvent.LineLeft;
import dev.nexus.event.execution.ExecutionEvent.RecordParked;
import dev.nexus.event.execution.ExecutionEvent.TurnReturned;
import dev.nexus.event.execution.ExecutionEvent.TurnTaken;
import dev.nexus.event.request.RequestEvent.Line;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Executions that run one after the other.
class LineSpecTest {
  private static final Line LINE = Line.of(TenantId.DEFAULT, "orders", "by-shop", "7");
  private static final Line OTHER = Line.of(TenantId.DEFAULT, "orders", "by-shop", "8");
  private static final ExecutionId ONE = member(1);
  private static final ExecutionId TWO = member(2);
  private static final ExecutionId THREE = member(3);

  @Test
  void shouldGiveTheFirstOfALineItsTurnAndLetTheOthersWait() {
    given()
        .when(join(ONE, 0))
        .thenFacts(joined(ONE, 0))
        .thenGoOut(new GrantTurn(ONE, 1))
        .when(join(TWO, 1))
        .thenFacts(joined(TWO, 1))
        .thenGoOut();
  }

  @Test
  void shouldGiveTheNextItsTurnWhenTheFirstHasEnded() {
    given(joined(ONE, 0), joined(TWO, 1))
        .when(new LeaveLine(ONE))
        .thenFacts(new LineLeft(ONE))
        .thenGoOut(new GrantTurn(TWO, 3));
  }

  @Test
  void shouldPassOverWhoHasEndedBeforeHisTurn() {
    given(joined(ONE, 0), joined(TWO, 1), joined(THREE, 2))
        .when(new LeaveLine(TWO))
        .thenFacts(new LineLeft(TWO))
        .thenGoOut()
        .when(new LeaveLine(ONE))
        .thenGoOut(new GrantTurn(THREE, 5));
  }

  /// Requests from several partitions may come in another order than that of the events.
  @Test
  void shouldLetWhoWaitsLongerGoFirstButNotBeforeWhoseTurnItIs() {
    given(joined(TWO, 2), joined(THREE, 3))
        .when(join(ONE, 1))
        .thenGoOut()
        .when(new LeaveLine(TWO))
        .thenGoOut(new GrantTurn(ONE, 4));
  }

  @Test
  void shouldOrderThoseOfOneMillisecondByTheirPlaceOnIngress() {
    given(joined(TWO, 0), new LineJoined(THREE, BEGIN.plusMillis(1), 9))
        .when(new JoinLine(ONE, BEGIN.plusMillis(1), 8))
        .when(new LeaveLine(TWO))
        .thenGoOut(new GrantTurn(ONE, 4));
  }

  @Test
  void shouldIgnoreNewsThatComesTwice() {
    given(joined(ONE, 0), joined(TWO, 1))
        .when(join(TWO, 5))
        .thenIgnored()
        .when(new LeaveLine(THREE))
        .thenIgnored();
  }

  @Test
  void shouldBeginAnewWhenNobodyWaitedAnyMore() {
    given(joined(ONE, 0), new LineLeft(ONE))
        .when(join(TWO, 1))
        .thenFacts(joined(TWO, 1))
        .thenGoOut(new GrantTurn(TWO, 3));
  }

  @Test
  void shouldRefuseMoreThanALineHolds() {
    ExecutionEvent[] full =
        IntStream.range(0, LineDecider.LONGEST)
            .mapToObj(i -> joined(member(i + 100), i))
            .toArray(ExecutionEvent[]::new);
    given(full).when(join(ONE, 0)).thenRejected(Reason.LINE_FULL);
  }

  @Test
  void shouldRefuseWhatOnlyAnExecutionCanDo() {
    given(joined(ONE, 0)).when(cancel()).thenRejected(Reason.NO_SUCH_EXECUTION);
  }

  @Test
  void shouldAcceptAnExecutionThatWaitsWithoutBeginning() {
    given()
        .when(start())
        .thenFacts(accepted())
        .thenGoOut()
        .after(Duration.ofDays(30))
        .when(time())
        .thenIgnored()
        .when(new ContinueExecution(known(MODEL_SERVES)))
        .thenIgnored();
  }

  /// The time in line is not the component's.
  @Test
  void shouldBeginWhenItsTurnComesAndCountItsTimeFromThen() {
    given(accepted())
        .when(turn(LINE))
        .thenFacts(new TurnTaken(BEGIN.plus(TIMEOUT)), step(MODEL_SERVES), asked(SERVE))
        .thenGoOut(new AssignTask(asked(SERVE)))
        .when(turn(LINE))
        .thenIgnored()
        .when(done(SERVE))
        .thenGoOut(end(6));
  }

  @Test
  void shouldWaitForItsDefinitionWhenItsTurnHasCome() {
    given(accepted())
        .when(new TakeTurn(LINE.id(), new Plan.Unknown()))
        .thenFacts(new TurnTaken(BEGIN.plus(Duration.ofMinutes(10))))
        .when(new ContinueExecution(known(MODEL_SERVES)))
        .thenFacts(step(MODEL_SERVES), asked(SERVE));
  }

  @Test
  void shouldCountTheWaitingInATimeThatTheCallerSet() {
    given()
        .when(new StartExecution(request(INPUT, NOBODY, seconds(60)).in(LINE), known(MODEL_SERVES)))
        .after(seconds(50))
        .when(turn(LINE))
        .thenFacts(
            new TurnTaken(BEGIN.plusSeconds(60)), step(MODEL_SERVES), asked(SERVE, seconds(50)));
  }

  @Test
  void shouldSayToItsLineThatItWasCancelledAndGiveALaterTurnBack() {
    given(accepted())
        .when(cancel())
        .thenFacts(new ExecutionCancelled("no longer needed"))
        .thenGoOut(end(2))
        .when(turn(LINE))
        .thenFacts(new TurnReturned(LINE.id()))
        .thenGoOut(end(3));
  }

  /// As when the trigger was changed between two copies of an event.
  @Test
  void shouldGiveTheTurnOfAnotherLineBackAndWaitOn() {
    given(accepted())
        .when(turn(OTHER))
        .thenFacts(new TurnReturned(OTHER.id()))
        .thenGoOut(new ReportEnd(OTHER.id(), 2))
        .when(turn(LINE))
        .thenEnds(asked(SERVE));
  }

  @Test
  void shouldGiveTheTurnOfAnExecutionBackThatNeverBegan() {
    given()
        .when(turn(LINE))
        .thenFacts(new TurnReturned(LINE.id()))
        .thenGoOut(end(1))
        .when(start())
        .thenRejected(Reason.EXPIRED);
  }

  @Test
  void shouldHoldItsLineWhileItIsQuarantinedAndGoOnWhenReleased() {
    given(accepted(), new ExecutionQuarantined("odd"))
        .thenGoOut()
        .when(turn(LINE))
        .thenFacts(new RecordParked())
        .thenGoOut()
        .when(Samples.release(false, NOBODY))
        .thenGoOut()
        .when(turn(LINE))
        .thenEnds(asked(SERVE));
  }

  @Test
  void shouldLetTheNextGoOnWhenItIsDiscarded() {
    given(accepted(), new ExecutionQuarantined("odd"))
        .when(Samples.release(true, NOBODY))
        .thenGoOut(end(3));
  }

  @Test
  void shouldShortenOnlyTheNameOfALine() {
    Line line = Line.of(TenantId.DEFAULT, "orders", "t", "\"" + "x".repeat(500) + "\"");
    Line other = Line.of(TenantId.DEFAULT, "orders", "t", "\"" + "x".repeat(501) + "\"");
    assertThat(List.of(line.lineName())).containsExactly(other.lineName());
    assertThat(line.id()).isNotEqualTo(other.id());
  }

  @Test
  void shouldCutNoCharacterInTwoInTheNameOfALine() {
    Line line = Line.of(TenantId.DEFAULT, "orders", "t", "x".repeat(99) + "😀");
    assertThat(line.lineName()).isEqualTo("orders/t " + "x".repeat(99));
  }

  private static ExecutionId member(int number) {
    return new ExecutionId(NameIds.uuid5("member", Integer.toString(number)));
  }

  private static JoinLine join(ExecutionId member, int millis) {
    return new JoinLine(member, BEGIN.plusMillis(millis), -1);
  }

  private static LineJoined joined(ExecutionId member, int millis) {
    return new LineJoined(member, BEGIN.plusMillis(millis), -1);
  }

  private static StartExecution start() {
    return new StartExecution(request(INPUT, NOBODY).in(LINE), known(MODEL_SERVES));
  }

  private static TakeTurn turn(Line line) {
    return new TakeTurn(line.id(), known(MODEL_SERVES));
  }

  private static ExecutionAccepted accepted() {
    ExecutionAccepted usual = Samples.accepted(NOBODY);
    return new ExecutionAccepted(
        usual.component(),
        usual.definitionDigest(),
        usual.input(),
        usual.bodyDigest(),
        BEGIN.plus(ExecutionDecider.LONGEST),
        usual.replyTo(),
        usual.origin(),
        LINE);
  }

  private static ReportEnd end(long sequence) {
    return new ReportEnd(LINE.id(), sequence);
  }
}
