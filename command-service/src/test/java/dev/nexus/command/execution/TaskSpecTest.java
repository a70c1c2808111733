package dev.nexus.command.execution;

import static dev.nexus.command.execution.DeciderSpec.BEGIN;
import static dev.nexus.command.execution.DeciderSpec.given;
import static dev.nexus.command.execution.Samples.AUDIT;
import static dev.nexus.command.execution.Samples.CODE_SERVES;
import static dev.nexus.command.execution.Samples.CODE_SERVES_AUDITED;
import static dev.nexus.command.execution.Samples.FALLBACK;
import static dev.nexus.command.execution.Samples.MODEL_SERVES;
import static dev.nexus.command.execution.Samples.MODEL_SERVES_SHADOWED;
import static dev.nexus.command.execution.Samples.OUTPUT;
import static dev.nexus.command.execution.Samples.POLICY;
import static dev.nexus.command.execution.Samples.QUEUE_LIMIT;
import static dev.nexus.command.execution.Samples.SERVE;
import static dev.nexus.command.execution.Samples.SHADOW;
import static dev.nexus.command.execution.Samples.accepted;
import static dev.nexus.command.execution.Samples.asked;
import static dev.nexus.command.execution.Samples.askedOfCode;
import static dev.nexus.command.execution.Samples.begun;
import static dev.nexus.command.execution.Samples.broken;
import static dev.nexus.command.execution.Samples.declined;
import static dev.nexus.command.execution.Samples.deoptimised;
import static dev.nexus.command.execution.Samples.done;
import static dev.nexus.command.execution.Samples.failed;
import static dev.nexus.command.execution.Samples.lost;
import static dev.nexus.command.execution.Samples.report;
import static dev.nexus.command.execution.Samples.retriedAfter;
import static dev.nexus.command.execution.Samples.seconds;
import static dev.nexus.command.execution.Samples.started;
import static dev.nexus.command.execution.Samples.step;
import static dev.nexus.command.execution.Samples.succeeded;
import static dev.nexus.command.execution.Samples.time;

import dev.nexus.command.execution.Consequence.CancelTask;
import dev.nexus.command.execution.Consequence.Reply;
import dev.nexus.command.execution.Decision.Reason;
import dev.nexus.command.execution.ExecutionCommand.GiveUpTask;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TaskFailed;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.OutcomeEvent.WorkContinued;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TaskSpecTest {
  private static DeciderSpec served() {
    return given(accepted(), step(MODEL_SERVES), asked(SERVE));
  }

  private static DeciderSpec servedByCode() {
    return given(accepted(), step(CODE_SERVES), askedOfCode(SERVE));
  }

  @Test
  void shouldEndTheExecutionWhenItsTaskSucceeds() {
    served()
        .when(begun(SERVE))
        .thenFacts(started(SERVE))
        .when(begun(SERVE))
        .thenIgnored()
        .when(report(new WorkContinued(SERVE, "exec-1")))
        .thenIgnored()
        .when(done(SERVE))
        .thenFacts(succeeded(SERVE), new ExecutionSucceeded(OUTPUT, Tier.MODEL))
        .thenGoOut(new Reply(0, new ResultReplied("api-1", OUTPUT, Tier.MODEL, 6), 6))
        .when(done(SERVE))
        .thenIgnored();
  }

  @Test
  void shouldTakeASuccessThatWasNeverSeenToStart() {
    served().when(done(SERVE)).thenEnds(new ExecutionSucceeded(OUTPUT, Tier.MODEL));
  }

  @Test
  void shouldAskTheModelWhenCodeDeclines() {
    servedByCode()
        .when(declined(SERVE))
        .thenFacts(deoptimised(SERVE), asked(FALLBACK))
        .when(done(FALLBACK))
        .thenFacts(succeeded(FALLBACK), new ExecutionSucceeded(OUTPUT, Tier.MODEL));
  }

  @Test
  void shouldAskTheModelWhenCodeFails() {
    servedByCode()
        .when(broken(SERVE, FailureClass.CRASH))
        .thenFacts(failed(SERVE, FailureClass.CRASH), asked(FALLBACK));
  }

  @Test
  void shouldFailWhenAComponentWithoutAModelDeclines() {
    served()
        .when(declined(SERVE))
        .thenFacts(
            deoptimised(SERVE),
            new ExecutionFailed(
                FailureClass.REFUSED, "the component declined the input: no repository"));
  }

  @Test
  void shouldNotReplaceAShadowThatDeclinesOrFails() {
    DeciderSpec shadowed =
        given(accepted(), step(MODEL_SERVES_SHADOWED), asked(SERVE), askedOfCode(SHADOW));
    shadowed.when(declined(SHADOW)).thenFacts(deoptimised(SHADOW));
    given(accepted(), step(MODEL_SERVES_SHADOWED), asked(SERVE), askedOfCode(SHADOW))
        .when(broken(SHADOW, FailureClass.MEMORY))
        .thenFacts(failed(SHADOW, FailureClass.MEMORY));
  }

  @Test
  void shouldAuditCodeAfterItHasServed() {
    given(accepted(), step(CODE_SERVES_AUDITED), askedOfCode(SERVE))
        .when(done(SERVE))
        .thenFacts(succeeded(SERVE), new ExecutionSucceeded(OUTPUT, Tier.CODE), asked(AUDIT))
        .when(done(AUDIT))
        .thenFacts(succeeded(AUDIT))
        .thenGoOut();
  }

  @Test
  void shouldNotAuditTheModelThatStoodIn() {
    given(accepted(), step(CODE_SERVES_AUDITED), askedOfCode(SERVE))
        .when(declined(SERVE))
        .when(done(FALLBACK))
        .thenFacts(succeeded(FALLBACK), new ExecutionSucceeded(OUTPUT, Tier.MODEL));
  }

  @Test
  void shouldRetryWithGrowingWaitsAndFailWithTheLastAttempt() {
    TaskKey second = SERVE.next();
    TaskKey third = second.next();
    served()
        .when(broken(SERVE, FailureClass.UPSTREAM))
        .thenFacts(retriedAfter(SERVE, FailureClass.UPSTREAM, seconds(1)))
        .when(time())
        .thenIgnored()
        .after(seconds(1))
        .when(time())
        .thenFacts(asked(second, seconds(1)))
        .when(broken(second, FailureClass.TIMEOUT))
        .thenFacts(retriedAfter(second, FailureClass.TIMEOUT, seconds(3)))
        .after(seconds(3))
        .when(time())
        .thenFacts(asked(third, seconds(3)))
        .when(broken(third, FailureClass.UPSTREAM))
        .thenFacts(
            failed(third, FailureClass.UPSTREAM),
            new ExecutionFailed(FailureClass.UPSTREAM, "it broke (attempt 3, the last)"));
  }

  @Test
  void shouldWaitAsLongAsTheOtherSideAsks() {
    served()
        .when(broken(SERVE, FailureClass.RATE_LIMITED, seconds(20)))
        .thenFacts(retriedAfter(SERVE, FailureClass.RATE_LIMITED, seconds(20)));
    served()
        .when(broken(SERVE, FailureClass.RATE_LIMITED, Duration.ofMillis(Long.MAX_VALUE)))
        .thenFacts(retriedAfter(SERVE, FailureClass.RATE_LIMITED, ExecutionDecider.LONGEST));
  }

  @Test
  void shouldNotRetryWhatCannotSucceed() {
    served()
        .when(broken(SERVE, FailureClass.PERMISSION))
        .thenFacts(
            failed(SERVE, FailureClass.PERMISSION),
            new ExecutionFailed(FailureClass.PERMISSION, "it broke"));
  }

  @Test
  void shouldCountTheSuccessOfAnOlderAttemptAndCallTheNewestOff() {
    given(accepted(), step(MODEL_SERVES), asked(SERVE), started(SERVE), asked(SERVE.next()))
        .when(done(SERVE))
        .thenFacts(succeeded(SERVE), new ExecutionSucceeded(OUTPUT, Tier.MODEL))
        .thenGoOut(
            new CancelTask(SERVE.next(), "an older attempt succeeded"),
            new Reply(0, new ResultReplied("api-1", OUTPUT, Tier.MODEL, 7), 7));
  }

  @Test
  void shouldCountTheSuccessOfAnOlderAttemptAlsoWhenTheModelWasAskedInstead() {
    given(accepted(), step(CODE_SERVES), askedOfCode(SERVE), askedOfCode(SERVE.next()))
        .when(broken(SERVE.next(), FailureClass.CRASH))
        .thenEnds(asked(FALLBACK))
        .when(done(SERVE))
        .thenFacts(succeeded(SERVE), new ExecutionSucceeded(OUTPUT, Tier.CODE))
        .thenGoOut(
            new CancelTask(FALLBACK, "ExecutionSucceeded"),
            new Reply(0, new ResultReplied("api-1", OUTPUT, Tier.CODE, 8), 8));
  }

  @Test
  void shouldIgnoreNewsOfAnOlderAttemptThatChangesNothing() {
    DeciderSpec retried =
        given(accepted(), step(CODE_SERVES), askedOfCode(SERVE), askedOfCode(SERVE.next()));
    retried.when(broken(SERVE, FailureClass.CRASH)).thenIgnored();
    retried.when(declined(SERVE)).thenIgnored();
    retried.when(begun(SERVE)).thenIgnored();
  }

  @Test
  void shouldIgnoreARepeatedFailureWhileItWaits() {
    served()
        .when(broken(SERVE, FailureClass.UPSTREAM))
        .when(broken(SERVE, FailureClass.UPSTREAM))
        .thenIgnored();
  }

  @Test
  void shouldAskAgainWhenNobodyStartedWithinTheQueueLimit() {
    served()
        .after(QUEUE_LIMIT)
        .when(time())
        .thenFacts(
            lost(SERVE, "not started within its queue limit", QUEUE_LIMIT),
            asked(SERVE.next(), QUEUE_LIMIT));
  }

  @Test
  void shouldAskAgainWhenNothingIsHeardOfStartedWork() {
    given(accepted(), step(MODEL_SERVES), asked(SERVE), started(SERVE))
        .after(seconds(30))
        .when(new GiveUpTask(SERVE, POLICY))
        .thenFacts(
            lost(SERVE, "nothing was heard of exec-1 for PT30S", seconds(30)),
            asked(SERVE.next(), seconds(30)))
        .when(new GiveUpTask(SERVE, POLICY))
        .thenIgnored();
  }

  @Test
  void shouldNotGiveUpWorkThatIsNotUnderWay() {
    served().when(new GiveUpTask(SERVE, POLICY)).thenIgnored();
    served().when(new GiveUpTask(AUDIT, POLICY)).thenIgnored();
  }

  @Test
  void shouldGiveUpLostShadowsAfterAFewAttempts() {
    TaskKey last = SHADOW.next().next();
    given(accepted(), step(MODEL_SERVES_SHADOWED), asked(SERVE), askedOfCode(last), started(last))
        .when(new GiveUpTask(last, POLICY))
        .thenFacts(
            new TaskFailed(
                last,
                "",
                FailureClass.LOST,
                "nothing was heard of exec-1 for PT30S",
                Instant.EPOCH,
                Usage.NONE));
  }

  @Test
  void shouldAskTheModelWhenExecutorsVanishOverTheSameCode() {
    TaskKey last = SERVE.next().next();
    given(accepted(), step(CODE_SERVES), askedOfCode(last), started(last))
        .when(new GiveUpTask(last, POLICY))
        .thenEnds(asked(FALLBACK));
    given(accepted(), step(CODE_SERVES), askedOfCode(last))
        .when(broken(last, FailureClass.LOST))
        .thenEnds(asked(FALLBACK));
  }

  @Test
  void shouldKeepAskingForLostWorkOfADefinition() {
    TaskKey fifth = new TaskKey(1, Role.SERVE, 5);
    given(accepted(), step(MODEL_SERVES), asked(fifth), started(fifth))
        .when(new GiveUpTask(fifth, POLICY))
        .thenEnds(asked(fifth.next()));
  }

  @Test
  void shouldRetryTheAuditOfAFinishedExecution() {
    given(
            accepted(),
            step(CODE_SERVES_AUDITED),
            askedOfCode(SERVE),
            succeeded(SERVE),
            new ExecutionSucceeded(OUTPUT, Tier.CODE),
            asked(AUDIT))
        .when(broken(AUDIT, FailureClass.UPSTREAM))
        .thenFacts(retriedAfter(AUDIT, FailureClass.UPSTREAM, seconds(1)))
        .after(seconds(1))
        .when(time())
        .thenFacts(asked(AUDIT.next(), seconds(1)))
        .when(broken(AUDIT.next(), FailureClass.OUTPUT))
        .thenFacts(failed(AUDIT.next(), FailureClass.OUTPUT))
        .thenGoOut();
  }

  @Test
  void shouldFindNewsOfATaskImpossibleThatWasNeverAskedFor() {
    served().when(done(SERVE.next().next())).thenImpossible();
    served().when(begun(AUDIT)).thenImpossible();
  }

  @Test
  void shouldIgnoreNewsOfTheAttemptThatIsYetToBeAskedFor() {
    served().when(begun(SERVE.next())).thenIgnored().when(done(SERVE.next())).thenIgnored();
  }

  @Test
  void shouldRejectNewsOfAnExecutionThatDoesNotExist() {
    given().when(done(SERVE)).thenRejected(Reason.NO_SUCH_EXECUTION);
  }

  @Test
  void shouldIgnoreLateNewsOfAnExecutionThatHasEnded() {
    DeciderSpec ended =
        served().when(done(SERVE)).thenEnds(new ExecutionSucceeded(OUTPUT, Tier.MODEL));
    ended.when(done(SERVE)).thenIgnored();
    ended.when(begun(FALLBACK)).thenIgnored();
    ended.after(BEGIN.until(BEGIN.plus(Duration.ofDays(1)))).when(time()).thenIgnored();
  }
}
