package dev.nexus.oracle.promotion;

import static dev.nexus.oracle.promotion.DeciderSpec.FIRST;
import static dev.nexus.oracle.promotion.DeciderSpec.NOON;
import static dev.nexus.oracle.promotion.DeciderSpec.NO_VERDICT;
import static dev.nexus.oracle.promotion.DeciderSpec.POLICY;
import static dev.nexus.oracle.promotion.DeciderSpec.SUBJECT;
import static dev.nexus.oracle.promotion.DeciderSpec.canarying;
import static dev.nexus.oracle.promotion.DeciderSpec.consider;
import static dev.nexus.oracle.promotion.DeciderSpec.given;
import static dev.nexus.oracle.promotion.DeciderSpec.promoted;
import static dev.nexus.oracle.promotion.DeciderSpec.proposed;
import static dev.nexus.oracle.promotion.DeciderSpec.requested;
import static dev.nexus.oracle.promotion.DeciderSpec.shadowing;
import static dev.nexus.oracle.promotion.DeciderSpec.tally;
import static dev.nexus.oracle.promotion.DeciderSpec.verifying;
import static dev.nexus.oracle.promotion.DeciderSpec.weigh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.CanaryStarted;
import dev.nexus.event.promotion.PromotionEvent.CandidateDemoted;
import dev.nexus.event.promotion.PromotionEvent.CandidatePromoted;
import dev.nexus.event.promotion.PromotionEvent.CandidateRejected;
import dev.nexus.event.promotion.PromotionEvent.ComponentFoundHot;
import dev.nexus.event.promotion.PromotionEvent.ComponentPinned;
import dev.nexus.event.promotion.PromotionEvent.CooldownStarted;
import dev.nexus.event.promotion.PromotionEvent.IdentityChanged;
import dev.nexus.event.promotion.PromotionEvent.ShadowStarted;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.oracle.evidence.Tally;
import dev.nexus.oracle.promotion.PromotionCommand.ChangeIdentity;
import dev.nexus.oracle.promotion.PromotionCommand.CountServed;
import dev.nexus.oracle.promotion.PromotionCommand.ProposeCandidate;
import dev.nexus.oracle.promotion.PromotionCommand.RefuseCandidate;
import dev.nexus.oracle.promotion.PromotionCommand.Withdraw;
import dev.nexus.oracle.promotion.PromotionState.Cooling;
import dev.nexus.oracle.promotion.PromotionState.Pinned;
import dev.nexus.oracle.promotion.PromotionState.Prompted;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PromotionDeciderTest {

  @Test
  void shouldAskForACandidateWhenTheComponentIsHot() {
    given()
        .when(consider(109))
        .thenEvents(new ComponentFoundHot(SUBJECT, 109, 109, 109), requested(1));
  }

  @Test
  void shouldNotAskWhenTheComponentIsNotHot() {
    given().when(consider(108)).thenRejected("not hot");
  }

  @Test
  void shouldNotAskWhenPromotionIsOff() {
    given(PromotionPolicy.OFF).when(consider(1_000)).thenRejected("promotion is off");
  }

  @Test
  void shouldNotAskTwice() {
    given(requested(1))
        .when(consider(500))
        .thenRejected("a candidate is under way, cooling down or not wanted");
  }

  @Test
  void shouldVerifyWhatIsProposed() {
    given(requested(1))
        .when(new ProposeCandidate("source 1", "hash 1", List.of("a")))
        .thenEvents(proposed(1));
  }

  @Test
  void shouldRejectWhenNoUsableCodeCame() {
    given(requested(1))
        .when(new RefuseCandidate("the source uses eval, which is refused", "hash 1"))
        .thenEvents(
            new CandidateRejected(
                SUBJECT, FIRST, NO_VERDICT, "the source uses eval, which is refused", List.of()),
            new CooldownStarted(SUBJECT, NOON.plusSeconds(1)));
  }

  @Test
  void shouldUseUpNoCandidateWhenNoCodeCame() {
    var spec = given(requested(1));
    for (int outage = 0; outage < 9; outage++) {
      assertThat(spec.when(new RefuseCandidate("no code came: upstream", "")).events())
          .contains(new CooldownStarted(SUBJECT, NOON.plusSeconds(1)));
      assertThat(spec.when(consider(200), NOON.plusSeconds(1)).events())
          .containsExactly(requested(1));
    }
  }

  @Test
  void shouldRejectCodeThatWasRejectedBefore() {
    var events =
        given(
                requested(1),
                proposed(1),
                new CandidateRejected(SUBJECT, FIRST, NO_VERDICT, "wrong", List.of()),
                new CooldownStarted(SUBJECT, NOON),
                requested(2))
            .when(new ProposeCandidate("source 1", "hash 1", List.of()))
            .events();

    assertThat(events.getFirst())
        .isInstanceOfSatisfying(
            CandidateRejected.class,
            rejected ->
                assertThat(rejected.reason())
                    .isEqualTo("the generator repeated the code of candidate 1"));
  }

  @Test
  void shouldWaitForTheEndOfTheSealedRange() {
    given(verifying())
        .when(weigh(tally(40, 0, 20, 0), false))
        .thenRejected("inputs under the seal are left");
  }

  @Test
  void shouldRejectACandidateWhoseEvidenceHasShrunkBelowOneTenth() {
    Tally tally = tally(65, 0, 16, 14);

    given(verifying())
        .when(weigh(tally, true))
        .thenEvents(
            new CandidateRejected(
                SUBJECT,
                FIRST,
                tally.verdict(0.025, 0.05),
                "wrong in 16 of 65 sealed inputs: E is 9.08e-06, less than 0.1",
                List.of("wrong")),
            new CooldownStarted(SUBJECT, NOON.plusSeconds(1)));
  }

  @Test
  void shouldShadowACandidateThatIsNotHopeless() {
    Tally tally = tally(40, 0, 1, 2);

    given(verifying())
        .when(weigh(tally, true))
        .thenEvents(new ShadowStarted(SUBJECT, FIRST, tally.verdict(0.025, 0.05)));
  }

  @Test
  void shouldRejectAFutileCandidateAtTheEndOfItsSealBeforeItRunsOnLiveCalls() {
    Tally tally = tally(100, 0, 3, 0);

    given(verifying())
        .when(weigh(tally, true))
        .thenEvents(
            new CandidateRejected(
                SUBJECT,
                FIRST,
                tally.verdict(0.025, 0.05),
                "100 comparisons, 3 of them wrong: futile",
                List.of("wrong")),
            new CooldownStarted(SUBJECT, NOON.plusSeconds(1)));
  }

  @Test
  void shouldNotCallProvenCodeFutileThatLacksLiveComparisonsAlone() {
    Tally proven = tally(1_200, 0, 0, 0);

    given(verifying())
        .when(weigh(proven, true))
        .thenEvents(new ShadowStarted(SUBJECT, FIRST, proven.verdict(0.025, 0.05)));
    given(shadowing())
        .when(weigh(tally(1_200, 29, 0, 0), true))
        .thenRejected("more comparisons are needed");
  }

  @Test
  void shouldShadowWithoutAnythingUnderTheSeal() {
    given(verifying())
        .when(weigh(Tally.NONE, true))
        .thenEvents(new ShadowStarted(SUBJECT, FIRST, NO_VERDICT));
  }

  @Test
  void shouldRefuseCodeThatDeclinesMoreThanHalf() {
    var events = given(verifying()).when(weigh(tally(20, 0, 0, 21), true)).events();

    assertThat(events.getFirst())
        .isInstanceOfSatisfying(
            CandidateRejected.class,
            rejected -> assertThat(rejected.reason()).isEqualTo("it declined 21 of 41 inputs"));
  }

  @Test
  void shouldAskForLiveComparisonsEvenWhenTheSealedOnesSuffice() {
    given(shadowing())
        .when(weigh(tally(100, 29, 0, 0), true))
        .thenRejected("more comparisons are needed");
  }

  @Test
  void shouldAskForMoreComparisonsBelowTheThreshold() {
    given(shadowing())
        .when(weigh(tally(40, 38, 0, 0), true))
        .thenRejected("more comparisons are needed");
  }

  @Test
  void shouldStartTheCanaryWithTheFirstProof() {
    Tally tally = tally(49, 30, 0, 0);

    given(shadowing())
        .when(weigh(tally, true))
        .thenEvents(new CanaryStarted(SUBJECT, FIRST, tally.verdict(0.025, 0.05), 200));
  }

  @Test
  void shouldRejectInShadowWhenItIsFutile() {
    var events = given(shadowing()).when(weigh(tally(10, 30, 8, 0), true)).events();

    assertThat(events.getFirst())
        .isInstanceOfSatisfying(
            CandidateRejected.class,
            rejected -> assertThat(rejected.reason()).endsWith("8 of them wrong: futile"));
  }

  @Test
  void shouldTakeOneCanaryStepAfterTheOther() {
    Tally tally = tally(49, 30, 0, 0);
    var spec = given(canarying()).when(served(40, 0, tally));

    spec.thenEvents(new CanaryStarted(SUBJECT, FIRST, tally.verdict(0.025, 0.05), 500));
    spec.when(served(39, 0, tally)).thenRejected("nothing to decide");
    spec.when(served(40, 2, tally))
        .thenEvents(new CandidatePromoted(SUBJECT, FIRST, tally.verdict(0.025, 0.05)));
  }

  @Test
  void shouldPromoteAtOnceWithoutCanarySteps() {
    var policy =
        new PromotionPolicy(
            "auto", 0.95, 0.05, 30, 109, 0, Duration.ofSeconds(1), 30, List.of(), 40, 20, 3);
    Tally tally = tally(49, 30, 0, 0);

    given(policy, shadowing())
        .when(weigh(tally, true))
        .thenEvents(new CandidatePromoted(SUBJECT, FIRST, tally.verdict(0.025, 0.05)));
  }

  @Test
  void shouldDemoteAfterThreeErrorsInARow() {
    Tally tally = tally(49, 30, 0, 0);
    for (PromotionEvent[] story : List.of(canarying(), promoted())) {
      given(story)
          .when(served(7, 3, tally))
          .thenEvents(
              new CandidateDemoted(SUBJECT, FIRST, tally.verdict(0.025, 0.05), "3 errors in a row"),
              new CooldownStarted(SUBJECT, NOON.plusSeconds(1)));
    }
  }

  @Test
  void shouldDemoteACanaryThatDisagreesTooOften() {
    var events = given(canarying()).when(weigh(tally(10, 30, 8, 0), true)).events();

    assertThat(events.getFirst()).isInstanceOf(CandidateDemoted.class);
  }

  @Test
  void shouldWaitTwiceAsLongAfterEachCandidateAndPinAfterTheLast() {
    var spec = given(requested(1)).when(new RefuseCandidate("no", "hash"));
    spec.events();
    assertThat(spec.state()).isInstanceOf(Cooling.class);

    spec.when(consider(200), NOON)
        .thenRejected("a candidate is under way, cooling down or not wanted");
    assertThat(spec.when(consider(200), NOON.plusSeconds(1)).events())
        .containsExactly(requested2());
    spec.when(new RefuseCandidate("no", "hash"));
    assertThat(spec.events()).contains(new CooldownStarted(SUBJECT, NOON.plusSeconds(2)));
    spec.when(consider(200), NOON.plusSeconds(9)).events();
    spec.when(new RefuseCandidate("no", "hash"));
    assertThat(spec.events()).contains(new ComponentPinned(SUBJECT, "3 candidates were tried"));
    assertThat(spec.state()).isInstanceOf(Pinned.class);
    spec.when(consider(900), NOON.plusSeconds(999))
        .thenRejected("a candidate is under way, cooling down or not wanted");
  }

  @Test
  void shouldDemoteAtOnceWhenTheIdentityChanges() {
    Tally tally = tally(49, 30, 0, 0);

    given(promoted())
        .when(new ChangeIdentity("other", "the prompt changed", tally))
        .thenEvents(
            new CandidateDemoted(SUBJECT, FIRST, tally.verdict(0.025, 0.05), "the prompt changed"),
            changed("other", "identity"));
  }

  @Test
  void shouldLeaveACandidateBehindWhenTheIdentityChanges() {
    var spec =
        given(verifying()).when(new ChangeIdentity("other", "the prompt changed", Tally.NONE));

    spec.thenEvents(changed("other", "identity"));
    assertThat(spec.state()).isInstanceOf(Prompted.class);
    assertThat(spec.state().history().attempts().candidates()).isZero();
  }

  @Test
  void shouldGoOnWithTheNextCandidateWhenAnOldIdentityComesBack() {
    var spec =
        given(
            requested(1), proposed(1), changed("other", "identity"), changed("identity", "other"));

    assertThat(spec.when(consider(200)).events()).contains(requested2());
    assertThat(new PromotionDecider(SUBJECT, POLICY).alpha(2)).isEqualTo(0.05 / 6);
  }

  @Test
  void shouldIgnoreAChangeToTheSameIdentity() {
    given(promoted())
        .when(new ChangeIdentity("identity", "nothing changed", Tally.NONE))
        .thenRejected("nothing was decided for another identity");
  }

  @Test
  void shouldWithdrawCodeThatMayNotServeAnyMore() {
    var events = given(promoted()).when(new Withdraw("switched off", Tally.NONE)).events();

    assertThat(events.getFirst()).isInstanceOf(CandidateDemoted.class);
    given()
        .when(new Withdraw("switched off", Tally.NONE))
        .thenRejected("no candidate is under way");
  }

  @Test
  void shouldRefuseToFoldWhatCannotFollow() {
    assertThatThrownBy(() -> given(proposed(1)))
        .hasMessage("cannot apply CandidateProposed of identity identity to Prompted of identity ");
    assertThatThrownBy(
            () ->
                given(
                    requested(1),
                    new ShadowStarted(new Subject("triage", "other"), FIRST, NO_VERDICT)))
        .hasMessageContaining("of identity other to Synthesizing");
  }

  private static PromotionEvent changed(String now, String before) {
    return new IdentityChanged(new Subject("triage", now), before, "the prompt changed");
  }

  private static PromotionEvent requested2() {
    return new PromotionEvent.CandidateRequested(
        SUBJECT, 2, "synthesis 1", DeciderSpec.SEAL.toTexts(), List.of("shown"));
  }

  private static CountServed served(long calls, int errors, Tally tally) {
    return new CountServed(calls, errors, tally, List.of());
  }
}
