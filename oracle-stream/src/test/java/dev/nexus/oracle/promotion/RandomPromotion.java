package dev.nexus.oracle.promotion;

import dev.nexus.event.definition.PromotionPolicy;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.oracle.evidence.Tally;
import dev.nexus.oracle.hotness.Hotness;
import dev.nexus.oracle.promotion.PromotionCommand.ChangeIdentity;
import dev.nexus.oracle.promotion.PromotionCommand.ConsiderCandidate;
import dev.nexus.oracle.promotion.PromotionCommand.CountServed;
import dev.nexus.oracle.promotion.PromotionCommand.GiveUp;
import dev.nexus.oracle.promotion.PromotionCommand.ProposeCandidate;
import dev.nexus.oracle.promotion.PromotionCommand.RefuseCandidate;
import dev.nexus.oracle.promotion.PromotionCommand.WeighEvidence;
import dev.nexus.oracle.promotion.PromotionCommand.Withdraw;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// One component that lives through commands drawn from a seed, whatever its state.
final class RandomPromotion {
  private static final List<List<Integer>> CANARIES =
      List.of(List.of(), List.of(200), List.of(200, 500));

  /// A command as it was decided, and what followed.
  record Step(
      PromotionDecider decider,
      PromotionCommand command,
      Instant at,
      int eventsBefore,
      List<PromotionEvent> events) {}

  private final Random random;
  private final PromotionPolicy policy;
  private final List<PromotionEvent> log = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private PromotionState state = PromotionState.NEW;
  private Instant now = DeciderSpec.NOON;
  private String identity = "a";
  private long read = 10;

  RandomPromotion(long seed) {
    random = new Random(seed);
    policy =
        new PromotionPolicy(
            "auto",
            0.95,
            0.05,
            30,
            109,
            0,
            Duration.ofSeconds(1),
            random.nextInt(40),
            CANARIES.get(random.nextInt(CANARIES.size())),
            40,
            20,
            1 + random.nextInt(4));
  }

  RandomPromotion run(int commands) {
    for (int i = 0; i < commands; i++) {
      now = now.plusMillis(random.nextInt(4_000));
      if (random.nextInt(25) == 0) {
        identity = identity.equals("a") ? "b" : "a";
      }
      var decider = new PromotionDecider(new Subject("triage", identity), policy);
      PromotionCommand command = random.nextInt(3) == 0 ? any() : expected();
      List<PromotionEvent> events = decider.decide(state, command, now).events();
      steps.add(new Step(decider, command, now, log.size(), events));
      for (PromotionEvent event : events) {
        state = PromotionFold.apply(state, event);
        log.add(event);
      }
    }
    return this;
  }

  /// What could come next where the component stands, so that runs get far.
  private PromotionCommand expected() {
    if (!state.history().identity().isEmpty() && !state.history().identity().equals(identity)) {
      return new ChangeIdentity(identity, "the prompt changed", tally());
    }
    return switch (state.stage()) {
      case SYNTHESIZING -> propose();
      case VERIFYING, SHADOW -> new WeighEvidence(good(), true, List.of());
      case CANARY -> new CountServed(40 + random.nextInt(5), 0, good(), List.of());
      default -> consider();
    };
  }

  private PromotionCommand any() {
    return switch (random.nextInt(9)) {
      case 0, 1 -> consider();
      case 2 -> propose();
      case 3 -> new RefuseCandidate("refused", random.nextBoolean() ? "" : "bad");
      case 4 -> new GiveUp("too large");
      case 5 -> new WeighEvidence(tally(), random.nextBoolean(), List.of("wrong"));
      case 6 -> new CountServed(random.nextInt(60), random.nextInt(4), tally(), List.of("wrong"));
      case 7 -> new ChangeIdentity(identity, "the prompt changed", tally());
      default -> new Withdraw("withdrawn", tally());
    };
  }

  private ConsiderCandidate consider() {
    long calls = 100 + random.nextInt(100);
    Seal seal = Seal.behind(List.of(Map.of(0, read)), Map.of(0, read += random.nextInt(100)));
    return new ConsiderCandidate(
        new Hotness(calls, calls, calls), seal, List.of("shown"), "synthesis " + log.size());
  }

  private ProposeCandidate propose() {
    int code = random.nextInt(12);
    return new ProposeCandidate("source " + code, "hash " + code, List.of("path"));
  }

  private Tally good() {
    return DeciderSpec.tally(100 + random.nextInt(60), 40, random.nextInt(2), 0);
  }

  private Tally tally() {
    int compared = random.nextInt(150);
    int live = random.nextInt(80);
    return DeciderSpec.tally(
        compared, live, random.nextInt(compared + live + 1), random.nextInt(60));
  }

  PromotionPolicy policy() {
    return policy;
  }

  PromotionState state() {
    return state;
  }

  List<PromotionEvent> log() {
    return log;
  }

  List<Step> steps() {
    return steps;
  }
}
