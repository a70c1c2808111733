package dev.nexus.oracle.topology;

import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.RouteEvent;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The components of one partition of nexus.evidence.
final class Components {
  private final Map<ComponentKey, ComponentOracle> byKey = new LinkedHashMap<>();
  private final Ownership ownership;
  private final Definitions definitions;
  private final Outbox outbox;
  private final SystemApplication system;

  /// Which of `partitions` partitions this is.
  record Ownership(int partition, int partitions) {
    boolean owns(ComponentKey key) {
      return key.partition(partitions) == partition;
    }
  }

  Components(
      Ownership ownership, Definitions definitions, Outbox outbox, SystemApplication system) {
    this.ownership = ownership;
    this.definitions = definitions;
    this.outbox = outbox;
    this.system = system;
  }

  /// Folds what the log holds about them.
  void load(LogReader log) {
    log.read(
        EventCodec.of(Topic.EVIDENCE, EvidenceEvent.class),
        ownership.partition(),
        (_, event, _) -> evidence(event));
    log.read(
        EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class),
        ownership.partition(),
        (_, event, _) -> promotion(event));
    log.read(EventCodec.of(Topic.ROUTES, RouteEvent.class), 0, (_, e, offset) -> route(e, offset));
    followDefinitions();
  }

  void evidence(Event<EvidenceEvent> event) {
    ComparisonCounted counted = (ComparisonCounted) event.body();
    of(event, counted.subject().component()).books().apply(counted, event.envelope().input());
  }

  void promotion(Event<PromotionEvent> event) {
    of(event, event.body().subject().component()).replay(event.body());
  }

  void route(Event<RouteEvent> event, long offset) {
    RouteSet set = (RouteSet) event.body();
    ComponentKey key = ComponentKey.of(event.envelope(), set.subject().component());
    if (ownership.owns(key)) {
      component(key).serving().stands(set, offset);
    }
  }

  private ComponentOracle of(Event<?> event, String component) {
    return component(ComponentKey.of(event.envelope(), component));
  }

  private ComponentOracle component(ComponentKey key) {
    return byKey.computeIfAbsent(key, k -> new ComponentOracle(k, outbox, system));
  }

  /// The component, when it is owned and may be promoted or once was.
  Optional<ComponentOracle> find(ComponentKey key) {
    ComponentOracle known = byKey.get(key);
    var definition = definitions.promotable(key);
    if (known == null) {
      if (definition.isEmpty() || !ownership.owns(key)) {
        return Optional.empty();
      }
      known = component(key);
    }
    known.define(definition);
    return Optional.of(known);
  }

  /// Gives every component the definition that is current now.
  void followDefinitions() {
    byKey.forEach((key, component) -> component.define(definitions.promotable(key)));
  }

  boolean concerns(String source) {
    int slash = source.indexOf('/', 1);
    return slash < 0
        || definitions.concernsOracle(
            new TenantId(source.substring(1, slash)), source.substring(slash + 1));
  }

  Collection<ComponentOracle> all() {
    return byKey.values();
  }

  ComponentOracle get(ComponentKey key) {
    return component(key);
  }
}
