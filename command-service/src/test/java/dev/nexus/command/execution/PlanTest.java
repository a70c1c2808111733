package dev.nexus.command.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.execution.Plan.Choice;
import dev.nexus.command.execution.Plan.Route;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.event.promotion.Stage;
import dev.nexus.event.task.Tier;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlanTest {
  private static final String IDENTITY = "identity-1";

  private static Route route(String identity, int code, int shadow, int audit) {
    return new Route(
        new RouteSet(
            new Subject("triage", identity),
            Stage.CANARY,
            new Candidate(1, "code-1"),
            "function handle(input) {}",
            code,
            shadow,
            audit,
            "salt"),
        7);
  }

  private static ExecutionId execution(int number) {
    return new ExecutionId(NameIds.uuid5("plan", Integer.toString(number)));
  }

  private static Choice choose(Route route, int number) {
    return choose(HandlerType.LLM, Optional.of(route), number);
  }

  private static Choice choose(HandlerType type, Optional<Route> route, int number) {
    return Plan.choose(Samples.component(type), IDENTITY, route, execution(number));
  }

  @Test
  void shouldServeByTheDefinitionWithoutARoute() {
    assertThat(choose(HandlerType.LLM, Optional.empty(), 1))
        .isEqualTo(new Choice(Tier.MODEL, "", "", -1, false));
    assertThat(choose(HandlerType.BUILTIN, Optional.empty(), 1).tier()).isEqualTo(Tier.BUILTIN);
    assertThat(choose(HandlerType.JIT, Optional.empty(), 1).tier()).isEqualTo(Tier.CODE);
  }

  @Test
  void shouldNeverUseARouteOfAnotherIdentity() {
    Route other = route("identity-2", 1000, 1000, 1000);
    assertThat(IntStream.range(0, 500).mapToObj(i -> choose(other, i)))
        .containsOnly(new Choice(Tier.MODEL, "", "", -1, false));
  }

  @Test
  void shouldNeverRouteWhatNoModelServes() {
    Route all = route(IDENTITY, 1000, 1000, 1000);
    assertThat(choose(HandlerType.BUILTIN, Optional.of(all), 1))
        .isEqualTo(new Choice(Tier.BUILTIN, "", "", -1, false));
  }

  @Test
  void shouldServeEveryCallByCodeOnceAllAreIts() {
    Route all = route(IDENTITY, 1000, 0, 1000);
    assertThat(IntStream.range(0, 500).mapToObj(i -> choose(all, i)))
        .containsOnly(new Choice(Tier.CODE, "code-1", "", 7, true));
  }

  @Test
  void shouldShadowTheModelOnlyWhereCodeDoesNotServe() {
    Route shadow = route(IDENTITY, 0, 1000, 1000);
    assertThat(IntStream.range(0, 500).mapToObj(i -> choose(shadow, i)))
        .containsOnly(new Choice(Tier.MODEL, "", "code-1", 7, false));
  }

  @Test
  void shouldGiveEachShareItsPartAndChooseAlikeOnReplay() {
    Route canary = route(IDENTITY, 200, 500, 100);
    int calls = 10_000;
    var choices = IntStream.range(0, calls).mapToObj(i -> choose(canary, i)).toList();
    long code = choices.stream().filter(c -> c.tier() == Tier.CODE).count();
    long shadowed = choices.stream().filter(c -> !c.shadowHash().isEmpty()).count();
    long audited = choices.stream().filter(Choice::audited).count();

    assertThat(code).isBetween(1_850L, 2_150L);
    assertThat(shadowed).isBetween(3_800L, 4_200L);
    assertThat(audited).isBetween(140L, 260L);
    assertThat(IntStream.range(0, calls).mapToObj(i -> choose(canary, i)).toList())
        .isEqualTo(choices);
  }

  @Test
  void shouldNotServeByCodeThatHasNoName() {
    var unnamed =
        new Route(
            new RouteSet(
                new Subject("triage", IDENTITY),
                Stage.T0_PROMPT,
                new Candidate(0, ""),
                "",
                1000,
                1000,
                0,
                "salt"),
            7);
    assertThat(choose(unnamed, 1)).isEqualTo(new Choice(Tier.MODEL, "", "", -1, false));
  }
}
