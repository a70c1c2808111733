package dev.nexus.oracle.promotion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.evidence.EProcess;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.CanaryStarted;
import dev.nexus.event.promotion.PromotionEvent.CandidatePromoted;
import dev.nexus.event.promotion.PromotionEvent.CandidateRequested;
import dev.nexus.event.promotion.PromotionEvent.Verdict;
import dev.nexus.oracle.promotion.PromotionState.Retired;
import dev.nexus.oracle.promotion.PromotionState.Shadowing;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;

/// What holds for every sequence of commands. A failure prints the seed that repeats it.
class PromotionPropertiesTest {
  private static final EventCodec<PromotionEvent> CODEC =
      EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class);

  @Property(tries = 2_000)
  void shouldFoldWhateverItDecides(@ForAll long seed, @ForAll @IntRange(max = 80) int commands) {
    // When: deciding or folding would throw here
    RandomPromotion run = new RandomPromotion(seed).run(commands);

    // Then
    assertThat(run.state()).as("no decision ends half-way").isNotInstanceOf(Retired.class);
    assertThat(run.log())
        .filteredOn(CandidateRequested.class::isInstance)
        .allSatisfy(
            event ->
                assertThat(((CandidateRequested) event).candidateNumber())
                    .isBetween(1, run.policy().maxCandidates()));
    Statistics.label("stage").collect(run.state().stage());
  }

  @Property(tries = 1_000)
  void shouldFoldInTwoPartsAsInOne(@ForAll long seed, @ForAll @IntRange(max = 100) int percent) {
    // Given
    List<PromotionEvent> log = new RandomPromotion(seed).run(60).log();
    int cut = log.size() * percent / 100;

    // When
    PromotionState first = fold(PromotionState.NEW, log.subList(0, cut));
    PromotionState both = fold(first, log.subList(cut, log.size()));

    // Then
    assertThat(both).isEqualTo(fold(PromotionState.NEW, log));
  }

  @Property(tries = 500)
  void shouldDecideTheSameAfterARestartAnywhere(@ForAll long seed) {
    // Given
    RandomPromotion run = new RandomPromotion(seed).run(40);
    List<PromotionEvent> read = run.log().stream().map(PromotionPropertiesTest::written).toList();

    for (RandomPromotion.Step step : run.steps()) {
      // When
      PromotionState restarted = fold(PromotionState.NEW, read.subList(0, step.eventsBefore()));
      Decision again = step.decider().decide(restarted, step.command(), step.at());

      // Then
      assertThat(again.events()).isEqualTo(step.events());
    }
  }

  @Property(tries = 2_000)
  void shouldServeOnlyWhatItsEvidenceProves(@ForAll long seed) {
    PromotionState state = PromotionState.NEW;
    for (PromotionEvent event : new RandomPromotion(seed).run(60).log()) {
      if (state instanceof Shadowing) {
        switch (event) {
          case CanaryStarted(_, _, var verdict, _) -> assertProven(verdict);
          case CandidatePromoted(_, _, var verdict) -> assertProven(verdict);
          default -> {}
        }
      } else if (event instanceof CanaryStarted || event instanceof CandidatePromoted) {
        assertThat(state.serving()).as("code that serves went through the shadow").isTrue();
      }
      state = PromotionFold.apply(state, event);
    }
  }

  private static void assertProven(Verdict verdict) {
    assertThat(EProcess.proves(verdict.logE(), verdict.alpha())).as(verdict.toString()).isTrue();
  }

  private static PromotionState fold(PromotionState from, List<PromotionEvent> events) {
    PromotionState state = from;
    for (PromotionEvent event : events) {
      state = PromotionFold.apply(state, event);
    }
    return state;
  }

  /// The event as a reader of the log gets it.
  private static PromotionEvent written(PromotionEvent event) {
    var envelope =
        Envelope.of(
            NameIds.uuid5("event"), DeciderSpec.NOON, TenantId.DEFAULT, "app", "service:oracle");
    return CODEC.decode(CODEC.encode(new Event<>(envelope, event))).body();
  }
}
