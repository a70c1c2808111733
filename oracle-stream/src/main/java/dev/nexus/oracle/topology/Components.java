package dev.nexus.oracle.topology;

import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import dev.nexus.event.evidence.EProcess;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.CandidateProposed;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import dev.nexus.event.promotion.RouteEvent;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.RecordKey;
import dev.nexus.wire.UnreadableRecordException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
        (key, event, _) -> evidence(key, event));
    log.read(
        EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class),
        ownership.partition(),
        (key, event, _) -> promotion(key, event));
    log.read(EventCodec.of(Topic.ROUTES, RouteEvent.class), 0, (key, e, at) -> route(key, e, at));
    followDefinitions();
  }

  private void evidence(@Nullable String key, Event<EvidenceEvent> event) {
    ComparisonCounted counted = (ComparisonCounted) event.body();
    requireOwned(keyed(key, event, counted.subject()));
    UnreadableRecordException.refuse(counted.verdict().fault());
    EProcess.requireCandidate(counted.candidate().candidateNumber());
    evidence(event);
  }

  void evidence(Event<EvidenceEvent> event) {
    ComparisonCounted counted = (ComparisonCounted) event.body();
    of(event, counted.subject()).books().apply(counted, event.envelope().input());
  }

  private void promotion(@Nullable String key, Event<PromotionEvent> event) {
    requireOwned(keyed(key, event, event.body().subject()));
    if (event.body() instanceof CandidateProposed(_, var candidate, var source, _)) {
      String found = NameIds.sha256(source);
      if (!candidate.candidateHash().equals(found)) {
        throw new UnreadableRecordException(
            "source with the hash " + candidate.candidateHash() + " expected, found " + found);
      }
    }
    promotion(event);
  }

  void promotion(Event<PromotionEvent> event) {
    of(event, event.body().subject()).replay(event.body());
  }

  private void route(@Nullable String key, Event<RouteEvent> event, long offset) {
    RouteSet set = (RouteSet) event.body();
    keyed(key, event, set.subject());
    UnreadableRecordException.refuse(set.fault());
    route(event, offset);
  }

  void route(Event<RouteEvent> event, long offset) {
    RouteSet set = (RouteSet) event.body();
    ComponentKey key = ComponentKey.of(event.envelope(), set.subject().component());
    if (ownership.owns(key)) {
      component(key).serving().stands(set, offset);
    }
  }

  private ComponentOracle of(Event<?> event, Subject subject) {
    return component(ComponentKey.of(event.envelope(), subject.component()));
  }

  /// The component that a record is about; its key must say the same.
  private static ComponentKey keyed(@Nullable String key, Event<?> event, Subject subject) {
    ComponentKey component = ComponentKey.of(event.envelope(), subject.component());
    RecordKey.require(component.text(), key);
    return component;
  }

  /// Another owner decides on what belongs on another partition: here it would be decided twice.
  private void requireOwned(ComponentKey component) {
    if (!ownership.owns(component)) {
      throw new UnreadableRecordException(
          "a record about "
              + component
              + " expected on partition "
              + component.partition(ownership.partitions())
              + ", found on "
              + ownership.partition());
    }
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

  /// Whether facts from there may be of use. A source that is none of ours says nothing about the
  /// fact, which must be looked at then.
  boolean concerns(String source) {
    int slash = source.indexOf('/', 1);
    try {
      return slash < 0
          || definitions.concernsOracle(
              new TenantId(source.substring(1, slash)), source.substring(slash + 1));
    } catch (IllegalArgumentException e) {
      return true;
    }
  }

  Collection<ComponentOracle> all() {
    return byKey.values();
  }

  ComponentOracle get(ComponentKey key) {
    return component(key);
  }
}
