package dev.nexus.oracle.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import dev.nexus.event.promotion.PromotionEvent.CandidateDemoted;
import dev.nexus.event.promotion.PromotionEvent.CandidatePromoted;
import dev.nexus.event.promotion.PromotionEvent.CandidateRejected;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.oracle.generation.SynthesisRequest;
import dev.nexus.oracle.topology.Call.CodeAnswer;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What can go wrong on the way to code and after it, on a log in memory.
class SetbackTest {
  private static final long SEED = 20_261_120;

  private Optional<Version> current =
      Optional.of(TestDefinitions.application("sort", "reported", TestDefinitions.POLICY));
  private Optional<Version> system = Optional.of(TestDefinitions.system());
  private Json generated = source(Webhooks.BY_OWNER);
  private boolean broken;

  @Test
  void shouldProveAgreementWithTheModelWhenNoTruthIsReported() {
    current = Optional.of(TestDefinitions.application("sort", "model", TestDefinitions.POLICY));
    Road road = road();

    deliver(road, 6);

    assertThat(names(road)).endsWith("CanaryStarted", "CanaryStarted", "CandidatePromoted");
    assertThat(road.routes.stream().map(r -> ((RouteSet) r.body()).auditPermille()))
        .containsExactly(0, 1000, 1000, 1000, 20);
    assertThat(road.comparisons()).allMatch(c -> c.decidedBy().equals("model"));
  }

  @Test
  void shouldTakeCodeBackAfterThreeErrorsInARow() {
    Road road = road();
    deliver(road, 5);
    broken = true;

    deliver(road, 1);

    assertThat(names(road)).containsSubsequence("CandidatePromoted", "CandidateDemoted");
    CandidateDemoted demoted =
        road.decisions().stream()
            .filter(CandidateDemoted.class::isInstance)
            .map(CandidateDemoted.class::cast)
            .findFirst()
            .orElseThrow();
    assertThat(demoted.reason()).isEqualTo("3 errors in a row");
    var errors = road.comparisons().stream().filter(c -> c.result() == Result.ERROR).toList();
    assertThat(errors.subList(0, 3))
        .extracting(ComparisonCounted::phase)
        .doesNotContain(Phase.SHADOW);
  }

  @Test
  void shouldCountErrorsOfTrialRunsAsDisagreements() {
    broken = true;
    Road road = road();

    deliver(road, 1);

    CandidateRejected rejected = firstRejection(road);
    assertThat(rejected.verdict().disagreements()).isEqualTo(rejected.verdict().comparisons());
    assertThat(road.comparisons()).first().extracting("result").isEqualTo(Result.ERROR);
  }

  @Test
  void shouldRejectCodeThatMayNotRunAndPinTheComponentInTheEnd() {
    generated = source("function handle(input) { return eval(input.code); }");
    Road road = road();

    deliver(road, 4);

    assertThat(firstRejection(road).reason()).contains("eval");
    assertThat(names(road)).endsWith("CandidateRejected", "ComponentPinned");
    assertThat(names(road).stream().filter("CandidateRejected"::equals)).hasSize(5);
    assertThat(road.routes).isEmpty();
  }

  @Test
  void shouldAskAgainAfterAnOutageOfTheGenerator() {
    generated = Road.OUTAGE;
    Road road = road();
    deliver(road, 3);
    long outages = names(road).stream().filter("CandidateRejected"::equals).count();

    generated = source(Webhooks.BY_OWNER);
    deliver(road, 5);

    assertThat(outages).isGreaterThan(5);
    assertThat(names(road)).endsWith("CandidatePromoted");
    CandidatePromoted promoted = (CandidatePromoted) road.decisions().getLast();
    assertThat(promoted.candidate().candidateNumber()).isEqualTo(1);
    assertThat(road.requests.stream().map(r -> r.envelope().executionId()).distinct().count())
        .isEqualTo(road.requests.size());
  }

  @Test
  void shouldRejectTheSameCodeAtOnceTheSecondTime() {
    generated = source(Webhooks.USERS_ONLY);
    Road road = road();

    deliver(road, 3);

    var reasons =
        road.decisions().stream()
            .filter(CandidateRejected.class::isInstance)
            .map(d -> ((CandidateRejected) d).reason())
            .toList();
    assertThat(reasons.getFirst()).startsWith("wrong in");
    assertThat(reasons).contains("the generator repeated the code of candidate 2");
  }

  @Test
  void shouldTakeCodeBackWhenPromotionIsSwitchedOff() {
    Road road = road();
    deliver(road, 5);
    PromotionPolicy off = PromotionPolicy.OFF;

    current = Optional.of(TestDefinitions.application("sort", "reported", off));
    road.definitionsChanged();

    assertThat(names(road)).endsWith("CandidatePromoted", "CandidateDemoted", "CooldownStarted");
    assertThat(((RouteSet) road.routes.getLast().body()).codePermille()).isZero();
  }

  @Test
  void shouldPinAComponentWhoseInputsNoRequestCanCarry() {
    Road road = road();

    for (int i = 0; i < 200; i++) {
      String text = "x".repeat(SynthesisRequest.MOST_CHARACTERS);
      road.pass(Duration.ofSeconds(20));
      road.call(
          new Json("{\"id\":%d,\"text\":\"%s\"}".formatted(i, text)), new Json("{\"scope\":0}"));
    }

    assertThat(names(road))
        .containsExactly(
            "ComponentFoundHot", "CandidateRequested", "CandidateRejected", "ComponentPinned");
    assertThat(firstRejection(road).reason()).contains("no example fits", "700000 characters");
    assertThat(road.requests).isEmpty();
  }

  @Test
  void shouldWaitWhileThereIsNoGenerator() {
    system = Optional.empty();
    Road road = road();
    deliver(road, 1);
    assertThat(road.decisions()).isEmpty();

    system = Optional.of(TestDefinitions.system());
    deliver(road, 1);

    assertThat(names(road)).startsWith("ComponentFoundHot", "CandidateRequested");
  }

  @Test
  void shouldIgnoreComponentsThatAreNotToBePromoted() {
    current = Optional.of(TestDefinitions.application("sort", "reported", PromotionPolicy.OFF));
    Road road = road();

    deliver(road, 2);

    assertThat(road.decisions()).isEmpty();
    assertThat(road.wroteAnything()).isFalse();
  }

  private Road road() {
    return new Road(new CallScript(this::version, Webhooks::truth, this::run, _ -> generated));
  }

  private Optional<Version> version(TenantId tenant, String app) {
    return app.equals(TestDefinitions.APP) ? current : system;
  }

  private CodeAnswer run(String source, Json webhook) {
    return broken ? new CodeAnswer.Failed("it breaks") : Webhooks.run(source, webhook);
  }

  private static Json source(String text) {
    return CanonicalJson.toJson(Map.of("source", text));
  }

  private static CandidateRejected firstRejection(Road road) {
    return road.decisions().stream()
        .filter(CandidateRejected.class::isInstance)
        .map(CandidateRejected.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private static List<String> names(Road road) {
    return road.decisions().stream().map(d -> d.getClass().getSimpleName()).toList();
  }

  private static void deliver(Road road, int passes) {
    int count = 0;
    for (Json webhook : Webhooks.deliveries(SEED, passes)) {
      road.pass(Duration.ofMillis(20));
      road.call(webhook, Webhooks.truth(webhook));
      if (++count % 8 == 0) {
        road.answer();
      }
    }
  }
}
