package dev.nexus.projector.promotion;

import dev.nexus.event.Envelope;
import dev.nexus.event.promotion.RouteEvent;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Views;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Folds `nexus.routes`: who serves each component now. The topic is compacted, so only the last
/// route of a component may matter.
public final class RouteFold implements Fold<RouteEvent> {
  private static final EventCodec<RouteEvent> CODEC = EventCodec.of(Topic.ROUTES, RouteEvent.class);

  @Override
  public EventCodec<RouteEvent> codec() {
    return CODEC;
  }

  @Override
  public int layout() {
    return 2;
  }

  @Override
  public void check(Fact<RouteEvent> fact) {
    switch (fact.event().body()) {
      case RouteSet route -> {
        Verdicts.requireKey(fact, route.subject());
        UnreadableRecordException.refuse(route.fault());
      }
    }
  }

  @Override
  public List<Key> reads(Fact<RouteEvent> fact) {
    return List.of();
  }

  @Override
  public List<Mutation> fold(Fact<RouteEvent> fact, Views views) {
    Envelope envelope = fact.event().envelope();
    return switch (fact.event().body()) {
      case RouteSet route -> {
        Map<String, String> fields = new TreeMap<>();
        fields.put("stage", route.stage().name());
        fields.put("identityDigest", route.subject().identityDigest());
        fields.put("candidateNumber", Integer.toString(route.candidate().candidateNumber()));
        fields.put("candidateHash", route.candidate().candidateHash());
        fields.put("codePermille", Integer.toString(route.codePermille()));
        fields.put("shadowPermille", Integer.toString(route.shadowPermille()));
        fields.put("auditPermille", Integer.toString(route.auditPermille()));
        fields.put("offset", Long.toString(fact.offset()));
        fields.put("changedAt", Long.toString(envelope.occurredAt().toEpochMilli()));
        String component = route.subject().component();
        yield List.of(
            new Mutation.PutFields(
                PromotionNames.route(envelope.tenantId(), envelope.appId(), component), fields));
      }
    };
  }
}
