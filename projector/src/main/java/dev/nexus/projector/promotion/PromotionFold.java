package dev.nexus.projector.promotion;

import dev.nexus.event.Envelope;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.CanaryStarted;
import dev.nexus.event.promotion.PromotionEvent.CandidateDemoted;
import dev.nexus.event.promotion.PromotionEvent.CandidatePromoted;
import dev.nexus.event.promotion.PromotionEvent.CandidateProposed;
import dev.nexus.event.promotion.PromotionEvent.CandidateRejected;
import dev.nexus.event.promotion.PromotionEvent.CandidateRequested;
import dev.nexus.event.promotion.PromotionEvent.ComponentFoundHot;
import dev.nexus.event.promotion.PromotionEvent.ComponentPinned;
import dev.nexus.event.promotion.PromotionEvent.CooldownStarted;
import dev.nexus.event.promotion.PromotionEvent.IdentityChanged;
import dev.nexus.event.promotion.PromotionEvent.RecompileRequested;
import dev.nexus.event.promotion.PromotionEvent.ShadowStarted;
import dev.nexus.event.promotion.Stage;
import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Views;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Folds `nexus.promotions`: where each component stands, and every decision with its reason. A
/// repeated event changes nothing, as decisions are kept by event id.
public final class PromotionFold implements Fold<PromotionEvent> {
  /// Decisions are repeated after a crash of their writer at most, so shortly after each other.
  private static final int REMEMBERED = 1_000;

  private static final EventCodec<PromotionEvent> CODEC =
      EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class);

  @Override
  public EventCodec<PromotionEvent> codec() {
    return CODEC;
  }

  @Override
  public int layout() {
    return 3;
  }

  @Override
  public void check(Fact<PromotionEvent> fact) {
    Verdicts.requireKey(fact, fact.event().body().subject());
    switch (fact.event().body()) {
      case CandidateRejected rejected -> Verdicts.require(rejected.verdict());
      case ShadowStarted shadow -> Verdicts.require(shadow.verdict());
      case CanaryStarted canary -> Verdicts.require(canary.verdict());
      case CandidatePromoted promoted -> Verdicts.require(promoted.verdict());
      case CandidateDemoted demoted -> Verdicts.require(demoted.verdict());
      case ComponentFoundHot _,
          CandidateRequested _,
          CandidateProposed _,
          RecompileRequested _,
          CooldownStarted _,
          ComponentPinned _,
          IdentityChanged _ -> {}
    }
  }

  @Override
  public List<Key> reads(Fact<PromotionEvent> fact) {
    return List.of();
  }

  @Override
  public List<Mutation> fold(Fact<PromotionEvent> fact, Views views) {
    Envelope envelope = fact.event().envelope();
    PromotionEvent event = fact.event().body();
    String component = event.subject().component();
    var tenant = envelope.tenantId();
    Map<String, String> standing = standing(event);
    standing.put("identityDigest", event.subject().identityDigest());
    standing.put("changedAt", Long.toString(envelope.occurredAt().toEpochMilli()));
    String app = envelope.appId();
    String eventId = envelope.eventId().toString();
    List<Mutation> changes = new ArrayList<>();
    changes.add(new Mutation.Include(PromotionNames.known(tenant), app + "/" + component));
    changes.add(new Mutation.PutFields(PromotionNames.standing(tenant, app, component), standing));
    changes.add(
        new Mutation.PutOnce(PromotionNames.history(tenant, app, component), eventId, fact.kept()));
    Fate.of(event)
        .ifPresent(
            fate ->
                changes.add(
                    new Mutation.IncrementOnce(
                        PromotionNames.fates(tenant, app, component),
                        fate.name(),
                        1,
                        PromotionNames.fatesSeen(tenant, app, component),
                        eventId,
                        fact.offset(),
                        REMEMBERED)));
    return changes;
  }

  private static Map<String, String> standing(PromotionEvent event) {
    return switch (event) {
      case ComponentFoundHot hot -> at(Stage.T0_PROMPT);
      case CandidateRequested requested -> {
        var fields = at(Stage.SYNTHESIZING);
        fields.put("candidateNumber", Integer.toString(requested.candidateNumber()));
        fields.put("candidateHash", "");
        fields.putAll(Verdicts.cleared());
        yield fields;
      }
      case CandidateProposed proposed -> Verdicts.with(at(Stage.VERIFYING), proposed.candidate());
      case CandidateRejected rejected -> {
        var fields = at(Stage.REJECTED);
        fields.put("reason", rejected.reason());
        yield Verdicts.with(fields, rejected.candidate(), rejected.verdict());
      }
      case ShadowStarted shadow ->
          Verdicts.with(at(Stage.SHADOW), shadow.candidate(), shadow.verdict());
      case CanaryStarted canary -> {
        var fields = at(Stage.CANARY);
        fields.put("codePermille", Integer.toString(canary.codePermille()));
        yield Verdicts.with(fields, canary.candidate(), canary.verdict());
      }
      case CandidatePromoted promoted ->
          Verdicts.with(at(Stage.PROMOTED), promoted.candidate(), promoted.verdict());
      case CandidateDemoted demoted -> {
        var fields = at(Stage.DEMOTED);
        fields.put("reason", demoted.reason());
        yield Verdicts.with(fields, demoted.candidate(), demoted.verdict());
      }
      case RecompileRequested recompile -> {
        var fields = at(Stage.RECOMPILE_REQUESTED);
        fields.put("reason", recompile.reason());
        yield Verdicts.with(fields, recompile.candidate());
      }
      case CooldownStarted cooldown -> {
        var fields = at(Stage.COOLDOWN);
        fields.put("until", Long.toString(cooldown.until().toEpochMilli()));
        yield fields;
      }
      case ComponentPinned pinned -> {
        var fields = at(Stage.PINNED_T0);
        fields.put("reason", pinned.reason());
        yield fields;
      }
      case IdentityChanged changed -> {
        var fields = at(Stage.T0_PROMPT);
        fields.put("reason", changed.reason());
        fields.put("candidateNumber", "0");
        fields.put("candidateHash", "");
        fields.putAll(Verdicts.cleared());
        yield fields;
      }
    };
  }

  private static Map<String, String> at(Stage stage) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("stage", stage.name());
    fields.put("reason", "");
    return fields;
  }
}
