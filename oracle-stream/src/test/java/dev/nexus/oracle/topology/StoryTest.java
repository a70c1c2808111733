package dev.nexus.oracle.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.evidence.EvidenceEvent.Phase;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.CandidateDemoted;
import dev.nexus.event.promotion.PromotionEvent.CandidatePromoted;
import dev.nexus.event.promotion.PromotionEvent.CandidateRejected;
import dev.nexus.event.promotion.PromotionEvent.CandidateRequested;
import dev.nexus.event.promotion.PromotionEvent.ComponentFoundHot;
import dev.nexus.event.promotion.PromotionEvent.IdentityChanged;
import dev.nexus.event.promotion.PromotionEvent.ShadowStarted;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.oracle.evidence.CandidateEvidence;
import dev.nexus.oracle.promotion.Seal;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The story of the sample, on a log in memory.
class StoryTest {
  private static final long SEED = 20_261_120;
  private static final List<String> FIRST_STORY =
      List.of(
          "ComponentFoundHot",
          "CandidateRequested",
          "CandidateProposed",
          "CandidateRejected",
          "CooldownStarted",
          "CandidateRequested",
          "CandidateProposed",
          "ShadowStarted",
          "CanaryStarted",
          "CanaryStarted",
          "CandidatePromoted");
  private static final List<String> SECOND_STORY =
      List.of(
          "CandidateDemoted",
          "IdentityChanged",
          "ComponentFoundHot",
          "CandidateRequested",
          "CandidateProposed",
          "ShadowStarted",
          "CanaryStarted",
          "CanaryStarted",
          "CandidatePromoted");

  private Version current = TestDefinitions.application("sort", "reported", TestDefinitions.POLICY);
  private final Road road = new Road(application());

  private CallScript application() {
    return new CallScript(this::version, Webhooks::truth, Webhooks::run, Webhooks::generate);
  }

  private Optional<Version> version(TenantId tenant, String app) {
    return switch (app) {
      case TestDefinitions.APP -> Optional.of(current);
      case SystemApplication.APP -> Optional.of(TestDefinitions.system());
      default -> Optional.empty();
    };
  }

  @Test
  void shouldRejectTheFirstCandidateAndPromoteTheSecond() {
    deliver(Webhooks.deliveries(SEED, 5));

    assertThat(names(road.decisions())).isEqualTo(FIRST_STORY);
    assertThat(of(ComponentFoundHot.class).getFirst().distinctInputs()).isEqualTo(109);
    CandidateRejected rejected = of(CandidateRejected.class).getFirst();
    assertThat(Math.exp(rejected.verdict().logE())).isLessThan(0.1);
    assertThat(rejected.counterexamples()).isNotEmpty();
    assertThat(of(CandidateRequested.class).getFirst().shownFingerprints()).hasSize(30);
    assertThat(of(CandidateRequested.class).getLast().shownFingerprints())
        .hasSizeGreaterThan(30)
        .startsWith(
            of(CandidateRequested.class).getFirst().shownFingerprints().toArray(new String[0]))
        .containsAnyElementsOf(rejected.counterexamples());
    CandidatePromoted promoted = of(CandidatePromoted.class).getFirst();
    assertThat(promoted.candidate().candidateNumber()).isEqualTo(2);
    assertThat(promoted.verdict().comparisons()).isGreaterThanOrEqualTo(102);
    assertThat(promoted.verdict().disagreements()).isZero();
    assertThat(promoted.verdict().alpha()).isEqualTo(0.05 / 6);
  }

  @Test
  void shouldBeginAgainWhenThePromptChanges() {
    deliver(Webhooks.deliveries(SEED, 5));
    int before = road.decisions().size();

    current = TestDefinitions.application("sort anew", "reported", TestDefinitions.POLICY);
    road.definitionsChanged();
    RouteSet afterChange = (RouteSet) road.routes.getLast().body();
    deliver(Webhooks.deliveries(SEED + 1, 4));

    assertThat(afterChange.codePermille()).isZero();
    assertThat(afterChange.source()).isEmpty();
    var second = road.decisions().subList(before, road.decisions().size());
    assertThat(names(second).subList(0, 3)).isEqualTo(SECOND_STORY.subList(0, 3));
    assertThat(of(CandidateDemoted.class).getFirst().reason()).isEqualTo("the prompt changed");
    assertThat(of(IdentityChanged.class).getFirst().reason()).isEqualTo("the prompt changed");
    assertThat(names(second)).endsWith("CanaryStarted", "CanaryStarted", "CandidatePromoted");
    CandidatePromoted promoted = of(CandidatePromoted.class).getLast();
    assertThat(promoted.subject().identityDigest())
        .isNotEqualTo(of(CandidatePromoted.class).getFirst().subject().identityDigest());
  }

  @Test
  void shouldNeed79ComparisonsWhenTheFirstCandidateIsRight() {
    List<Json> mixed = Webhooks.deliveries(SEED, 5);
    deliver(mixed.subList(60, mixed.size()));

    assertThat(names(road.decisions())).isEqualTo(SECOND_STORY.subList(2, SECOND_STORY.size()));
    assertThat(of(ShadowStarted.class).getFirst().verdict().comparisons()).isLessThan(79);
    var shadowed =
        road.comparisons().stream()
            .filter(c -> CandidateEvidence.countsOnceAnInput(c.phase()))
            .filter(c -> c.verdict().logE() >= -Math.log(0.025))
            .findFirst()
            .orElseThrow();
    assertThat(shadowed.verdict().comparisons()).isEqualTo(79);
  }

  @Test
  void shouldCountEachInputOnceAndNeverOneThatWasShownOrJudgedBefore() {
    deliver(Webhooks.deliveries(SEED, 5));

    Map<Integer, CandidateRequested> requests = new HashMap<>();
    of(CandidateRequested.class).forEach(r -> requests.put(r.candidateNumber(), r));
    Set<String> counted = new HashSet<>();
    Map<Integer, Long> judgedByFirst = new HashMap<>();
    for (var event : road.evidence) {
      var comparison = (ComparisonCounted) event.body();
      if (CandidateEvidence.countsOnceAnInput(comparison.phase())) {
        int number = comparison.candidate().candidateNumber();
        var input = event.envelope().input();
        Seal seal = Seal.parse(requests.get(number).seal());
        assertThat(counted.add(number + comparison.fingerprint())).isTrue();
        assertThat(requests.get(number).shownFingerprints())
            .doesNotContain(comparison.fingerprint());
        assertThat(seal.allows(input)).isTrue();
        assertThat(seal.covers(input)).isEqualTo(comparison.phase() == Phase.SEALED);
        if (number == 1) {
          judgedByFirst.merge(input.inputPartition(), input.inputOffset(), Math::max);
        } else {
          assertThat(input.inputOffset())
              .isGreaterThan(judgedByFirst.getOrDefault(input.inputPartition(), -1L));
        }
      }
    }
    assertThat(counted).hasSizeGreaterThan(150);
  }

  @Test
  void shouldAuditTheFirstCallsAfterThePromotionAndThenTheShareOfThePolicy() {
    deliver(Webhooks.deliveries(SEED, 6));

    assertThat(road.routes.stream().map(r -> (RouteSet) r.body()).map(StoryTest::shares))
        .containsExactly("0/1000/0", "200/1000/0", "500/1000/0", "1000/0/1000", "1000/0/20");
    assertThat(road.comparisons().stream().filter(c -> c.phase() == Phase.AUDIT).count())
        .isGreaterThanOrEqualTo(50);
  }

  @Test
  void shouldDecideTheSameFromTheSameLog() {
    deliver(Webhooks.deliveries(SEED, 5));
    Road again = new Road(application());
    deliver(again, Webhooks.deliveries(SEED, 5));

    assertThat(again.evidence).isEqualTo(road.evidence);
    assertThat(again.promotions).isEqualTo(road.promotions);
    assertThat(again.requests).isEqualTo(road.requests);
  }

  @Test
  void shouldFindInTheEvidenceAloneWhatEveryDecisionWasTakenOn() {
    deliver(Webhooks.deliveries(SEED, 5));

    Map<Integer, CandidateEvidence> books = new HashMap<>();
    for (var event : road.evidence) {
      var comparison = (ComparisonCounted) event.body();
      var book =
          books.computeIfAbsent(
              comparison.candidate().candidateNumber(), _ -> new CandidateEvidence(0.05));
      book.apply(comparison, event.envelope().input());
      assertThat(book.tally().verdict(comparison.verdict().alpha(), 0.05))
          .isEqualTo(comparison.verdict());
    }
    assertThat(books.get(1).tally().verdict(0.025, 0.05))
        .isEqualTo(of(CandidateRejected.class).getFirst().verdict());
    assertThat(books.get(2).tally().verdict(0.05 / 6, 0.05))
        .isEqualTo(of(CandidatePromoted.class).getFirst().verdict());
  }

  @Test
  void shouldDecideNothingAgainAfterARestart() {
    deliver(Webhooks.deliveries(SEED, 5));
    int decisions = road.decisions().size();
    int comparisons = road.evidence.size();

    road.restart();
    road.write();

    assertThat(road.decisions()).hasSize(decisions);
    assertThat(road.evidence).hasSize(comparisons);
    assertThat(road.routes).hasSize(5);
  }

  @Test
  void shouldReachPromotionWhereverItIsRestarted() {
    for (long seed = SEED; seed < SEED + 5; seed++) {
      Road restarted = new Road(application());
      Random random = new Random(seed);
      for (Json webhook : Webhooks.deliveries(seed, 6)) {
        restarted.call(webhook, Webhooks.truth(webhook));
        if (random.nextInt(40) == 0) {
          restarted.dieBeforeNextWrite();
        }
        if (random.nextInt(8) == 0) {
          restarted.answer();
        }
      }

      assertThat(names(restarted.decisions()))
          .as("seed %d", seed)
          .startsWith("ComponentFoundHot", "CandidateRequested")
          .endsWith("CandidatePromoted");
      assertThat(restarted.evidence.stream().map(e -> e.envelope().eventId()).distinct().count())
          .as("seed %d", seed)
          .isEqualTo(restarted.evidence.size());
    }
  }

  @Test
  void shouldProveLessAndNeverMoreWhenTheLogHasLostCallsOfATrial() {
    deliver(Webhooks.deliveries(SEED, 5));
    Set<String> ofAll = sealedOfTheFirst(road);
    for (double share : new double[] {0.3, 0.6, 0.9, 1}) {
      // Given an oracle that has begun a trial
      Road cut = new Road(application());
      List<Json> webhooks = Webhooks.deliveries(SEED, 5);
      int delivered = 0;
      while (sealedOfTheFirst(cut).isEmpty() && delivered < webhooks.size()) {
        deliver(cut, webhooks.subList(delivered, delivered + 8));
        delivered += 8;
      }
      List<ComparisonCounted> before = cut.comparisons();

      // When it begins anew without the oldest calls
      cut.restartWithoutTheOldest(share);
      deliver(cut, webhooks.subList(delivered, webhooks.size()));

      // Then what was counted stays, and is counted once
      assertThat(cut.comparisons()).as("share %s", share).startsWith(toArray(before));
      assertThat(ofAll).as("share %s", share).containsAll(sealedOfTheFirst(cut));
      assertThat(inputsOfEachCandidate(cut)).doesNotHaveDuplicates();
      assertThat(names(cut.decisions())).as("share %s", share).endsWith("CandidatePromoted");
      // and no decision rests on more than the evidence on the log shows
      Map<Integer, CandidateEvidence> books = new HashMap<>();
      for (var event : cut.evidence) {
        var comparison = (ComparisonCounted) event.body();
        books
            .computeIfAbsent(
                comparison.candidate().candidateNumber(), _ -> new CandidateEvidence(0.05))
            .apply(comparison, event.envelope().input());
      }
      for (PromotionEvent decision : cut.decisions()) {
        if (decision instanceof CandidatePromoted promoted) {
          var verdict = promoted.verdict();
          var book = books.get(promoted.candidate().candidateNumber()).tally();
          assertThat(verdict.comparisons()).isLessThanOrEqualTo(book.comparisons());
          assertThat(verdict.logE()).isGreaterThanOrEqualTo(-Math.log(verdict.alpha()));
          assertThat(promoted.candidate().candidateNumber())
              .as("share %s: all calls have refuted the first", share)
              .isGreaterThan(1);
        }
      }
    }
  }

  private static Set<String> sealedOfTheFirst(Road road) {
    Set<String> inputs = new HashSet<>();
    for (ComparisonCounted comparison : road.comparisons()) {
      if (comparison.phase() == Phase.SEALED && comparison.candidate().candidateNumber() == 1) {
        inputs.add(comparison.fingerprint());
      }
    }
    return inputs;
  }

  private static ComparisonCounted[] toArray(List<ComparisonCounted> comparisons) {
    return comparisons.toArray(new ComparisonCounted[0]);
  }

  private static List<String> inputsOfEachCandidate(Road road) {
    return road.comparisons().stream()
        .filter(c -> CandidateEvidence.countsOnceAnInput(c.phase()))
        .map(c -> c.candidate().candidateNumber() + c.fingerprint())
        .toList();
  }

  private void deliver(List<Json> webhooks) {
    deliver(road, webhooks);
  }

  /// Calls one after the other; the generator and the trial runs answer eight calls later.
  private static void deliver(Road road, List<Json> webhooks) {
    int count = 0;
    for (Json webhook : webhooks) {
      road.pass(Duration.ofMillis(20));
      road.call(webhook, Webhooks.truth(webhook));
      if (++count % 8 == 0) {
        road.answer();
      }
    }
  }

  private static String shares(RouteSet route) {
    return route.codePermille() + "/" + route.shadowPermille() + "/" + route.auditPermille();
  }

  private static List<String> names(List<? extends PromotionEvent> events) {
    return events.stream().map(e -> e.getClass().getSimpleName()).toList();
  }

  private <E extends PromotionEvent> List<E> of(Class<E> type) {
    return road.decisions().stream().filter(type::isInstance).map(type::cast).toList();
  }
}
