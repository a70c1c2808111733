package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.RouteEvent;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.event.promotion.Stage;
import dev.nexus.oracle.promotion.PromotionFold;
import dev.nexus.oracle.promotion.PromotionState;
import dev.nexus.oracle.promotion.PromotionState.Proposal;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// What must be so of what the oracle wrote after every fault: no comparison counts twice, no
/// decision is there twice, none is missing between two others, each may follow on the one before,
/// and who serves is who the decisions say. A comparison that was never written is not seen here,
/// and where no promotion is under way there is nothing to look at.
final class OracleCheck {
  private static final EventCodec<EvidenceEvent> EVIDENCE =
      EventCodec.of(Topic.EVIDENCE, EvidenceEvent.class);
  private static final EventCodec<PromotionEvent> PROMOTIONS =
      EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class);
  private static final EventCodec<RouteEvent> ROUTES =
      EventCodec.of(Topic.ROUTES, RouteEvent.class);

  private final TopicReader reader;

  OracleCheck(KafkaClients clients) {
    reader = new TopicReader(clients);
  }

  /// The newest route of a component, which every router goes by.
  Optional<RouteSet> route(String appId, String component) {
    return read(Topic.ROUTES, ROUTES).stream()
        .filter(event -> event.envelope().appId().equals(appId))
        .map(event -> (RouteSet) event.body())
        .filter(route -> route.subject().component().equals(component))
        .reduce((older, newer) -> newer);
  }

  void assertNothingTwiceAndDecisionsFollow() {
    List<Event<EvidenceEvent>> evidence = read(Topic.EVIDENCE, EVIDENCE);
    assertThat(ids(evidence)).as("evidence written twice").doesNotHaveDuplicates();
    assertThat(evidence.stream().map(OracleCheck::counted).toList())
        .as("comparisons that count twice")
        .doesNotHaveDuplicates();
    assertThat(ids(read(Topic.ROUTES, ROUTES))).as("routes written twice").doesNotHaveDuplicates();
    assertWhole(read(Topic.PROMOTIONS, PROMOTIONS));
    Eventually.holds(() -> assertServed(states(read(Topic.PROMOTIONS, PROMOTIONS)), routes()));
  }

  /// What cannot be read is not the oracle's.
  private <E> List<Event<E>> read(Topic topic, EventCodec<E> codec) {
    List<Event<E>> events = new ArrayList<>();
    for (var record : reader.records(topic)) {
      try {
        if (record.value() != null) {
          events.add(codec.decode(record.value()));
        }
      } catch (UnreadableRecordException e) {
        continue; // put aside by whoever reads it
      }
    }
    return events;
  }

  private static List<UUID> ids(List<? extends Event<?>> events) {
    return events.stream().map(event -> event.envelope().eventId()).toList();
  }

  /// Sealed and shadowed inputs count once, the others once a call.
  private static List<Object> counted(Event<EvidenceEvent> event) {
    ComparisonCounted comparison = (ComparisonCounted) event.body();
    boolean anInput =
        switch (comparison.phase()) {
          case SEALED, SHADOW -> true;
          case CANARY, AUDIT -> false;
        };
    return List.of(
        key(event.envelope(), comparison.subject().component()),
        comparison.subject().identityDigest(),
        comparison.candidate(),
        anInput ? "input " + comparison.fingerprint() : "call " + comparison.comparedExecution());
  }

  private static String key(Envelope envelope, String component) {
    return Keys.component(envelope.tenantId(), envelope.appId(), component);
  }

  /// The n-th decision about a component has the id that follows from n.
  private static void assertWhole(List<Event<PromotionEvent>> promotions) {
    Map<String, List<UUID>> found = new LinkedHashMap<>();
    for (var event : promotions) {
      found
          .computeIfAbsent(
              key(event.envelope(), event.body().subject().component()), _ -> new ArrayList<>())
          .add(event.envelope().eventId());
    }
    found.forEach(
        (key, ids) -> {
          List<UUID> expected = new ArrayList<>();
          for (int number = 1; number <= ids.size(); number++) {
            expected.add(NameIds.uuid5("promotion", key, Integer.toString(number)));
          }
          assertThat(ids).as("decisions about " + key).isEqualTo(expected);
        });
  }

  /// Throws where a decision cannot follow.
  private static Map<String, PromotionState> states(List<Event<PromotionEvent>> promotions) {
    Map<String, PromotionState> states = new HashMap<>();
    for (var event : promotions) {
      String key = key(event.envelope(), event.body().subject().component());
      states.put(
          key, PromotionFold.apply(states.getOrDefault(key, PromotionState.NEW), event.body()));
    }
    return states;
  }

  private Map<String, RouteSet> routes() {
    Map<String, RouteSet> routes = new HashMap<>();
    for (var event : read(Topic.ROUTES, ROUTES)) {
      RouteSet route = (RouteSet) event.body();
      routes.put(key(event.envelope(), route.subject().component()), route);
    }
    return routes;
  }

  private static void assertServed(
      Map<String, PromotionState> states, Map<String, RouteSet> routes) {
    Set<String> known = new HashSet<>(states.keySet());
    known.addAll(routes.keySet());
    for (String key : known) {
      PromotionState state = states.getOrDefault(key, PromotionState.NEW);
      Optional<Candidate> serves =
          Set.of(Stage.SHADOW, Stage.CANARY, Stage.PROMOTED).contains(state.stage())
              ? state.code().map(Proposal::candidate)
              : Optional.empty();
      assertThat(
              Optional.ofNullable(routes.get(key))
                  .filter(route -> route.stage() != Stage.T0_PROMPT)
                  .map(RouteSet::candidate))
          .as("who serves " + key)
          .isEqualTo(serves);
    }
  }
}
