package dev.nexus.executor.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.event.definition.ServiceDefinition.Reach;
import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.executor.service.ServicePlanner.Action;
import dev.nexus.executor.service.ServiceView.Exit;
import dev.nexus.executor.service.ServiceView.Standing;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServicePlannerTest {
  private static final ServiceDefinition AGENT = agent("acme/agent:1", "acme/agent:0");
  private static final ServiceDefinition OTHER = agent("acme/agent:2", "");
  private static final Duration NOW = Duration.ofHours(1);
  private static final Duration WELL_FOR_A_WHILE = Duration.ofSeconds(10);

  private static ServiceDefinition agent(String image, String fallback) {
    return new ServiceDefinition(
        "agent",
        image,
        fallback,
        List.of(),
        Map.of(),
        1,
        64L << 20,
        "",
        Reach.NONE,
        Duration.ofSeconds(30));
  }

  private static StartHistory history() {
    return StartHistory.of(AGENT.digest());
  }

  private static Standing running(boolean well, int failedChecks, Optional<Exit> exit) {
    return new Standing.Running(AGENT.digest(), NOW.minusSeconds(10), well, failedChecks, exit);
  }

  private static Action plan(Standing standing, StartHistory history) {
    return ServicePlanner.plan(
        new ServiceView(Optional.of(AGENT), EndReason.REMOVED, standing, history), NOW);
  }

  private static Action unwanted(Standing standing, EndReason why) {
    return ServicePlanner.plan(new ServiceView(Optional.empty(), why, standing, history()), NOW);
  }

  @Test
  void shouldBeginWhatNeverRan() {
    assertThat(plan(new Standing.Resting(NOW), history()))
        .isEqualTo(new Action.Begin("acme/agent:1", false));
  }

  @Test
  void shouldBeginAgainWhenThePauseIsOverAndNotBefore() {
    StartHistory failed = history().afterFailure(Duration.ZERO, true);
    assertThat(plan(new Standing.Resting(NOW), failed))
        .isEqualTo(new Action.Wait(NOW.plusSeconds(1)));
    assertThat(plan(new Standing.Resting(NOW.minusMillis(999)), failed))
        .isInstanceOf(Action.Wait.class);
    assertThat(plan(new Standing.Resting(NOW.minusSeconds(1)), failed))
        .isEqualTo(new Action.Begin("acme/agent:1", false));
  }

  @Test
  void shouldDoubleThePauseUpToAMinute() {
    StartHistory history = history();
    for (long seconds : List.of(1, 2, 4, 8, 16, 32, 60, 60, 60)) {
      history = history.afterFailure(WELL_FOR_A_WHILE, true);
      assertThat(history.pause()).isEqualTo(Duration.ofSeconds(seconds));
      assertThat(history.fallback()).isFalse();
    }
    for (int i = 0; i < 10_000; i++) {
      history = history.afterFailure(WELL_FOR_A_WHILE, true);
    }
    assertThat(history.pause()).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void shouldForgiveWhoWasWellForFiveMinutes() {
    StartHistory history = history();
    for (int i = 0; i < 5; i++) {
      history = history.afterFailure(Duration.ZERO, false);
    }
    StartHistory justNot = history.afterFailure(Duration.ofSeconds(299), false);
    StartHistory forgiven = history.afterFailure(Duration.ofSeconds(300), false);
    assertThat(justNot.restarts()).isEqualTo(6);
    assertThat(forgiven.restarts()).isEqualTo(1);
    assertThat(forgiven.failedStarts()).isZero();
    assertThat(forgiven.pause()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void shouldTakeTheFallbackImageAfterThreeFailedStartsInARow() {
    StartHistory history = history();
    history = history.afterFailure(Duration.ZERO, true).afterFailure(Duration.ZERO, true);
    history = history.afterFailure(WELL_FOR_A_WHILE, true); // begins to count anew
    history = history.afterFailure(Duration.ZERO, true).afterFailure(Duration.ZERO, true);
    assertThat(history.fallback()).isFalse();
    history = history.afterFailure(Duration.ZERO, true);
    assertThat(history.fallback()).isTrue();
    assertThat(plan(new Standing.Resting(Duration.ZERO), history))
        .isEqualTo(new Action.Begin("acme/agent:0", true));
    for (int i = 0; i < 5; i++) {
      history = history.afterFailure(Duration.ZERO, true);
      assertThat(history.fallback()).isTrue();
    }
  }

  @Test
  void shouldKeepToTheImageWhereThereIsNoOther() {
    StartHistory history = StartHistory.of(OTHER.digest());
    for (int i = 0; i < 5; i++) {
      history = history.afterFailure(Duration.ZERO, false);
    }
    var view =
        new ServiceView(
            Optional.of(OTHER), EndReason.REMOVED, new Standing.Resting(Duration.ZERO), history);
    assertThat(ServicePlanner.plan(view, NOW)).isEqualTo(new Action.Begin("acme/agent:2", false));
  }

  @Test
  void shouldBeginAnotherDefinitionAtOnceAndWithItsImage() {
    StartHistory history = history();
    for (int i = 0; i < 4; i++) {
      history = history.afterFailure(Duration.ZERO, true);
    }
    var view =
        new ServiceView(Optional.of(OTHER), EndReason.REMOVED, new Standing.Resting(NOW), history);
    assertThat(ServicePlanner.plan(view, NOW)).isEqualTo(new Action.Begin("acme/agent:2", false));
  }

  @Test
  void shouldCountNothingAgainstAServiceThatCouldNotBeTried() {
    StartHistory postponed = history().afterFailure(Duration.ZERO, true).postponed().postponed();
    assertThat(postponed.failedStarts()).isEqualTo(1);
    assertThat(postponed.restarts()).isEqualTo(1);
    assertThat(postponed.pause()).isEqualTo(Duration.ofSeconds(1));
  }

  @ParameterizedTest
  @CsvSource({"false, CRASHED", "true, OUT_OF_MEMORY"})
  void shouldEndWhatEndedByItself(boolean outOfMemory, EndReason reason) {
    var action = plan(running(true, 0, Optional.of(new Exit(3, outOfMemory))), history());
    assertThat(action)
        .isInstanceOfSatisfying(
            Action.End.class, end -> assertThat(end.reason()).isEqualTo(reason));
  }

  @Test
  void shouldEndWhatEndedByItselfAlsoWhereNobodyWantsIt() {
    assertThat(unwanted(running(true, 0, Optional.of(new Exit(1, false))), EndReason.REMOVED))
        .isInstanceOfSatisfying(
            Action.End.class, end -> assertThat(end.reason()).isEqualTo(EndReason.CRASHED));
  }

  @Test
  void shouldEndWhatIsUnwellThreeTimesInARow() {
    assertThat(plan(running(true, 2, Optional.empty()), history())).isInstanceOf(Action.Wait.class);
    assertThat(plan(running(true, 3, Optional.empty()), history()))
        .isInstanceOfSatisfying(
            Action.End.class, end -> assertThat(end.reason()).isEqualTo(EndReason.UNHEALTHY));
  }

  @Test
  void shouldEndWhatIsNotWellInTime() {
    var inTime =
        new Standing.Running(AGENT.digest(), NOW.minusSeconds(29), false, 0, Optional.empty());
    var late =
        new Standing.Running(AGENT.digest(), NOW.minusSeconds(30), false, 0, Optional.empty());
    var well =
        new Standing.Running(AGENT.digest(), NOW.minusSeconds(30), true, 0, Optional.empty());
    assertThat(plan(inTime, history())).isEqualTo(new Action.Wait(NOW.plusSeconds(1)));
    assertThat(plan(late, history()))
        .isEqualTo(new Action.End(EndReason.UNHEALTHY, "not well within 30 s of its start"));
    assertThat(plan(well, history())).isInstanceOf(Action.Wait.class);
  }

  @Test
  void shouldEndWhatHasAnotherDefinitionOrNoneOrAnotherExecutor() {
    var old = new Standing.Running(OTHER.digest(), NOW, true, 0, Optional.empty());
    assertThat(plan(old, history()))
        .isInstanceOfSatisfying(
            Action.End.class, end -> assertThat(end.reason()).isEqualTo(EndReason.REPLACED));
    for (EndReason why : List.of(EndReason.REMOVED, EndReason.MOVED, EndReason.SHUTDOWN)) {
      assertThat(unwanted(running(true, 0, Optional.empty()), why))
          .isEqualTo(new Action.End(why, ""));
    }
  }

  @Test
  void shouldForgetWhatRestsAndNobodyWants() {
    assertThat(unwanted(new Standing.Resting(NOW), EndReason.REMOVED))
        .isEqualTo(new Action.Forget());
  }

  @Test
  void shouldTouchNothingThatIsChanging() {
    assertThat(plan(new Standing.Changing(), history())).isInstanceOf(Action.Wait.class);
    assertThat(unwanted(new Standing.Changing(), EndReason.REMOVED))
        .isInstanceOf(Action.Wait.class);
  }

  /// Whatever happens to a service, the same story gives the same plan, pauses stay within their
  /// bounds, and nothing but what rests is begun.
  @Test
  void shouldPlanTheSameForTheSameStory() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    StartHistory one = history();
    StartHistory two = history();
    for (int i = 0; i < 5_000; i++) {
      Duration well = Duration.ofSeconds(random.nextInt(4) == 0 ? random.nextInt(600) : 0);
      one = one.afterFailure(well, true);
      two = two.afterFailure(well, true);
      assertThat(one).as("seed %d", seed).isEqualTo(two);
      assertThat(one.pause()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(60));
      var standing = new Standing.Resting(NOW.minusSeconds(random.nextInt(120)));
      assertThat(plan(standing, one)).as("seed %d", seed).isEqualTo(plan(standing, two));
    }
  }
}
