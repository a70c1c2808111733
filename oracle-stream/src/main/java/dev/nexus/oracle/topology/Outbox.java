package dev.nexus.oracle.topology;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.RouteEvent;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.oracle.evidence.CandidateEvidence;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;

/// What one round of reading led to, in the order it was decided in. Ids are made from names, so a
/// record that is written again is recognised.
final class Outbox {
  static final String ACTOR = "service:oracle";
  private static final EventCodec<EvidenceEvent> EVIDENCE =
      EventCodec.of(Topic.EVIDENCE, EvidenceEvent.class);
  private static final EventCodec<PromotionEvent> PROMOTIONS =
      EventCodec.of(Topic.PROMOTIONS, PromotionEvent.class);
  private static final EventCodec<RouteEvent> ROUTES =
      EventCodec.of(Topic.ROUTES, RouteEvent.class);
  private static final EventCodec<RequestEvent> REQUESTS =
      EventCodec.of(Topic.REQUESTS, RequestEvent.class);

  /// A record to be written; `route` is the component whose route it sets.
  record Pending(ProducerRecord<String, byte[]> record, List<ComponentKey> route) {}

  private final KafkaClients clients;
  private final int partition;
  private List<Pending> pending = new ArrayList<>();

  /// @param partition the partition of nexus.evidence and nexus.promotions that is owned
  Outbox(KafkaClients clients, int partition) {
    this.clients = clients;
    this.partition = partition;
  }

  void evidence(ComponentKey key, ComparisonCounted event, Position input, Cause cause) {
    String what =
        CandidateEvidence.countsOnceAnInput(event.phase())
            ? "input " + event.fingerprint()
            : "call " + event.comparedExecution();
    UUID id =
        NameIds.uuid5(
            "evidence",
            key.text(),
            event.subject().identityDigest(),
            Integer.toString(event.candidate().candidateNumber()),
            event.candidate().candidateHash(),
            what);
    add(EVIDENCE, key, new Event<>(envelope(key, id, input, cause), event));
  }

  /// @param number place of the decision among those about the component, from 1
  void promotion(ComponentKey key, PromotionEvent event, long number, Cause cause) {
    UUID id = NameIds.uuid5("promotion", key.text(), Long.toString(number));
    add(PROMOTIONS, key, new Event<>(envelope(key, id, cause.position(), cause), event));
  }

  /// @param number place of the newest decision about the component
  void route(ComponentKey key, RouteSet route, long number, Cause cause) {
    UUID id =
        NameIds.uuid5(
            "route", key.text(), Long.toString(number), Integer.toString(route.auditPermille()));
    var event = new Event<RouteEvent>(envelope(key, id, cause.position(), cause), route);
    pending.add(new Pending(EventRecords.of(clients, ROUTES, key.text(), event), List.of(key)));
  }

  void request(Event<RequestEvent> request) {
    Envelope envelope = request.envelope();
    String key = Keys.execution(envelope.tenantId(), envelope.execution());
    pending.add(new Pending(EventRecords.of(clients, REQUESTS, key, request), List.of()));
  }

  private <E> void add(EventCodec<E> codec, ComponentKey key, Event<E> event) {
    pending.add(
        new Pending(
            EventRecords.of(clients, codec, codec.topic(), partition, key.text(), event),
            List.of()));
  }

  private static Envelope envelope(ComponentKey key, UUID id, Position input, Cause cause) {
    return new Envelope(
        id,
        cause.at(),
        key.tenant(),
        key.appId(),
        "",
        0,
        cause.eventId().toString(),
        cause.correlationId(),
        ACTOR,
        "",
        input);
  }

  /// Everything added since the last call.
  List<Pending> take() {
    List<Pending> taken = pending;
    pending = new ArrayList<>();
    return taken;
  }
}
