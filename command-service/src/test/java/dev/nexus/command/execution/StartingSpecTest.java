package dev.nexus.command.execution;

import static dev.nexus.command.execution.DeciderSpec.BEGIN;
import static dev.nexus.command.execution.DeciderSpec.given;
import static dev.nexus.command.execution.Samples.CALLER;
import static dev.nexus.command.execution.Samples.CODE_SERVES;
import static dev.nexus.command.execution.Samples.CODE_SERVES_AUDITED;
import static dev.nexus.command.execution.Samples.IDENTITY;
import static dev.nexus.command.execution.Samples.INPUT;
import static dev.nexus.command.execution.Samples.MODEL_SERVES;
import static dev.nexus.command.execution.Samples.MODEL_SERVES_SHADOWED;
import static dev.nexus.command.execution.Samples.OTHER_CALLER;
import static dev.nexus.command.execution.Samples.OUTPUT;
import static dev.nexus.command.execution.Samples.POLICY;
import static dev.nexus.command.execution.Samples.QUEUE_LIMIT;
import static dev.nexus.command.execution.Samples.SERVE;
import static dev.nexus.command.execution.Samples.SHADOW;
import static dev.nexus.command.execution.Samples.accepted;
import static dev.nexus.command.execution.Samples.asked;
import static dev.nexus.command.execution.Samples.askedOfCode;
import static dev.nexus.command.execution.Samples.known;
import static dev.nexus.command.execution.Samples.lost;
import static dev.nexus.command.execution.Samples.request;
import static dev.nexus.command.execution.Samples.seconds;
import static dev.nexus.command.execution.Samples.start;
import static dev.nexus.command.execution.Samples.step;
import static dev.nexus.command.execution.Samples.succeeded;
import static dev.nexus.command.execution.Samples.time;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.execution.Consequence.AssignTask;
import dev.nexus.command.execution.Consequence.Reply;
import dev.nexus.command.execution.Decision.Reason;
import dev.nexus.command.execution.ExecutionCommand.ContinueExecution;
import dev.nexus.command.execution.ExecutionCommand.StartExecution;
import dev.nexus.command.execution.Plan.Choice;
import dev.nexus.command.execution.Plan.Known;
import dev.nexus.event.Json;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.execution.ExecutionEvent.CallerJoined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.ExecutionTimedOut;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.reply.ReplyEvent.ProblemReplied;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Lane;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Tier;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StartingSpecTest {
  @Test
  void shouldAskForTheFirstTaskWhenTheDefinitionIsKnown() {
    given()
        .when(start(known(MODEL_SERVES)))
        .thenFacts(accepted(), step(MODEL_SERVES), asked(SERVE))
        .thenGoOut(new AssignTask(asked(SERVE)));
  }

  @Test
  void shouldAskCodeWhenTheRouteChoseIt() {
    given()
        .when(start(known(CODE_SERVES)))
        .thenFacts(accepted(), step(CODE_SERVES), askedOfCode(SERVE));
  }

  @Test
  void shouldAskForAShadowBesideTheModel() {
    given()
        .when(start(known(MODEL_SERVES_SHADOWED)))
        .thenFacts(accepted(), step(MODEL_SERVES_SHADOWED), asked(SERVE), askedOfCode(SHADOW))
        .thenGoOut(new AssignTask(asked(SERVE)), new AssignTask(askedOfCode(SHADOW)));
  }

  @Test
  void shouldAskContainersForTheScriptOfAPoolAgainAndAgain() {
    Choice code = Choice.definition(Tier.CODE);
    given()
        .when(start(new Known(Samples.component(HandlerType.JIT, "tools"), IDENTITY, code, POLICY)))
        .thenFacts(accepted(), step(code), askedOfContainers(SERVE, Duration.ZERO))
        .after(QUEUE_LIMIT)
        .when(time())
        .thenFacts(
            lost(SERVE, "not started within its queue limit", QUEUE_LIMIT),
            askedOfContainers(SERVE.next(), QUEUE_LIMIT));
  }

  private static TaskRequested askedOfContainers(TaskKey task, Duration after) {
    return new TaskRequested(task, Lane.CONTAINER, "", BEGIN.plus(after).plus(QUEUE_LIMIT));
  }

  @Test
  void shouldRememberThatTheStepIsAudited() {
    given()
        .when(start(known(CODE_SERVES_AUDITED)))
        .thenFacts(accepted(), step(CODE_SERVES_AUDITED), askedOfCode(SERVE));
  }

  @Test
  void shouldWaitForAnUnknownDefinitionAndGoOnWhenItArrives() {
    given()
        .when(start(new Plan.Unknown()))
        .thenEnds(
            new ExecutionAccepted(
                "triage",
                "d1",
                INPUT,
                accepted().bodyDigest(),
                BEGIN.plus(Duration.ofMinutes(10)),
                CALLER,
                "http"))
        .when(new ContinueExecution(new Plan.Unknown()))
        .thenIgnored()
        .after(seconds(5))
        .when(new ContinueExecution(known(MODEL_SERVES)))
        .thenFacts(step(MODEL_SERVES), asked(SERVE, seconds(5)))
        .when(new ContinueExecution(known(MODEL_SERVES)))
        .thenIgnored();
  }

  @Test
  void shouldTimeOutWhenTheDefinitionNeverArrives() {
    given(accepted())
        .after(Samples.TIMEOUT)
        .when(time())
        .thenFacts(new ExecutionTimedOut(BEGIN.plus(Samples.TIMEOUT)));
  }

  @Test
  void shouldFailWhenTheVersionHasNoSuchComponent() {
    var failure =
        new ExecutionFailed(FailureClass.INVALID_DEFINITION, "application orders has no triage");
    given()
        .when(start(new Plan.Missing("application orders has no triage")))
        .thenEnds(failure)
        .thenGoOut(
            new Reply(
                0,
                new ProblemReplied(
                    "api-1", "failed", "invalid-definition: application orders has no triage", 2),
                2));
  }

  @Test
  void shouldTakeTheCallersTimeoutBeforeTheComponents() {
    var request = request(INPUT, CALLER, seconds(5));
    DeciderSpec spec = given().when(new StartExecution(request, known(MODEL_SERVES)));
    assertThat(spec.state().begun().orElseThrow().accepted().deadline())
        .isEqualTo(BEGIN.plusSeconds(5));
  }

  @Test
  void shouldBoundATimeoutThatNoClockCouldHold() {
    var request = request(INPUT, CALLER, Duration.ofMillis(Long.MAX_VALUE));
    DeciderSpec spec = given().when(new StartExecution(request, known(MODEL_SERVES)));
    assertThat(spec.state().begun().orElseThrow().accepted().deadline())
        .isEqualTo(BEGIN.plus(ExecutionDecider.LONGEST));
  }

  @Test
  void shouldLetACallerJoinWhoRepeatsTheCallElsewhere() {
    given(accepted(), step(MODEL_SERVES), asked(SERVE))
        .when(new StartExecution(request(INPUT, OTHER_CALLER), known(MODEL_SERVES)))
        .thenFacts(new CallerJoined(OTHER_CALLER))
        .thenGoOut()
        .when(new StartExecution(request(INPUT, OTHER_CALLER), known(MODEL_SERVES)))
        .thenIgnored();
  }

  @Test
  void shouldIgnoreARepeatedCallNobodyWaitsFor() {
    given(accepted(), step(MODEL_SERVES), asked(SERVE))
        .when(new StartExecution(request(INPUT, ReplyAddress.NOBODY), known(MODEL_SERVES)))
        .thenIgnored();
  }

  @Test
  void shouldGiveTheRecordedAnswerToARepeatedCall() {
    given(
            accepted(),
            step(MODEL_SERVES),
            asked(SERVE),
            succeeded(SERVE),
            new ExecutionSucceeded(OUTPUT, Tier.MODEL))
        .when(new StartExecution(request(INPUT, OTHER_CALLER), known(MODEL_SERVES)))
        .thenAnsweredAgain();
  }

  @Test
  void shouldRejectARepeatedKeyWithAnotherBody() {
    var other = new StartExecution(request(new Json("2"), CALLER), known(MODEL_SERVES));
    given(accepted()).when(other).thenRejected(Reason.IDEMPOTENCY_KEY_REUSED);
    given(accepted(), new ExecutionSucceeded(OUTPUT, Tier.MODEL))
        .when(other)
        .thenRejected(Reason.IDEMPOTENCY_KEY_REUSED);
  }

  @Test
  void shouldRejectARepeatedKeyWhoseAnswerIsGone() {
    Decision decision =
        ExecutionDecider.decide(
            new ExecutionState.Evicted("orders", Truths.NONE, 5),
            start(known(MODEL_SERVES)),
            BEGIN);
    assertThat(((Decision.Rejected) decision).reason()).isEqualTo(Reason.EXPIRED);
  }
}
