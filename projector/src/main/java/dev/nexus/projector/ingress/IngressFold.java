package dev.nexus.projector.ingress;

import dev.nexus.event.Envelope;
import dev.nexus.event.Excerpt;
import dev.nexus.event.TenantId;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.EventMatched;
import dev.nexus.event.ingress.IngressEvent.EventRefused;
import dev.nexus.event.ingress.IngressEvent.EventRepeated;
import dev.nexus.event.ingress.IngressEvent.EventUnmatched;
import dev.nexus.event.ingress.IngressEvent.Outside;
import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Views;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.RecordTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Folds `nexus.events`: every outside event with what was decided about it, the newest of each
/// status. A verdict follows what it is about in the same partition, and there is one.
public final class IngressFold implements Fold<IngressEvent> {
  private static final EventCodec<IngressEvent> CODEC =
      EventCodec.of(Topic.EVENTS, IngressEvent.class);

  private static final int LONGEST_TEXT = 500;

  private final int kept;

  /// `kept` newest decided events of each status and partition are kept.
  public IngressFold(int kept) {
    this.kept = kept;
  }

  @Override
  public EventCodec<IngressEvent> codec() {
    return CODEC;
  }

  @Override
  public int layout() {
    return 2;
  }

  @Override
  public void check(Fact<IngressEvent> fact) {
    RecordTime.require(fact.event().envelope().occurredAt());
  }

  @Override
  public List<Key> reads(Fact<IngressEvent> fact) {
    return List.of(EventNames.summary(fact.event().envelope().tenantId(), place(fact)));
  }

  /// The place of the event that a record is about; a verdict names it as its input.
  private static String place(Fact<IngressEvent> fact) {
    long offset =
        fact.event().body() instanceof EventAccepted
            ? fact.offset()
            : fact.event().envelope().input().inputOffset();
    return EventNames.place(fact.partition(), offset);
  }

  @Override
  public List<Mutation> fold(Fact<IngressEvent> fact, Views views) {
    return switch (fact.event().body()) {
      case EventAccepted accepted -> accept(fact, accepted.outside());
      case EventMatched matched ->
          decide(
              fact,
              views,
              EventStatus.MATCHED,
              Map.of(
                  EventView.TRIGGERS, String.join(" ", matched.triggers()),
                  EventView.EXECUTIONS, String.join(" ", matched.executions()),
                  EventView.REASON, reason(matched.remarks()),
                  EventView.REMARKED, remarked(matched.remarks())));
      case EventUnmatched unmatched ->
          decide(
              fact,
              views,
              EventStatus.UNMATCHED,
              Map.of(
                  EventView.REASON, reason(both(unmatched.remarks(), unmatched.unmet())),
                  EventView.REMARKED, remarked(unmatched.remarks())));
      case EventRefused refused ->
          decide(
              fact,
              views,
              EventStatus.REFUSED,
              Map.of(
                  EventView.REASON, reason(refused.reasons()),
                  EventView.REMARKED, remarked(refused.reasons())));
      case EventRepeated repeated ->
          decide(
              fact,
              views,
              EventStatus.DUPLICATE,
              Map.of(EventView.FIRST, Long.toString(repeated.firstOffset())));
    };
  }

  private static List<Mutation> accept(Fact<IngressEvent> fact, Outside outside) {
    Envelope envelope = fact.event().envelope();
    TenantId tenant = envelope.tenantId();
    String place = place(fact);
    long at = envelope.occurredAt().toEpochMilli();
    Map<String, String> fields = new HashMap<>();
    fields.put(EventView.STATUS, EventStatus.PENDING.name());
    fields.put(EventView.EVENT, envelope.eventId().toString());
    fields.put(EventView.APP, envelope.appId());
    fields.put(EventView.INTEGRATION, outside.integrationId());
    fields.put(EventView.SOURCE, shortened(outside.source()));
    fields.put(EventView.ID, shortened(outside.sourceEventId()));
    fields.put(EventView.TYPE, shortened(outside.type()));
    fields.put(EventView.SUBJECT, shortened(outside.subject()));
    fields.put(EventView.HAPPENED, Long.toString(outside.happenedAt().toEpochMilli()));
    fields.put(EventView.ACCEPTED, Long.toString(at));
    return List.of(
        new Mutation.PutView(EventNames.summary(tenant, place), fields),
        new Mutation.Index(EventNames.all(tenant), place, at),
        new Mutation.Index(EventNames.ofStatus(tenant, EventStatus.PENDING), place, at));
  }

  private List<Mutation> decide(
      Fact<IngressEvent> fact, Views views, EventStatus status, Map<String, String> details) {
    TenantId tenant = fact.event().envelope().tenantId();
    String place = place(fact);
    Key key = EventNames.summary(tenant, place);
    EventView before = new EventView(views.fields(key));
    if (!before.exists() || before.status() != EventStatus.PENDING) {
      return List.of();
    }
    Map<String, String> fields = new HashMap<>(details);
    fields.values().removeIf(String::isEmpty);
    fields.put(EventView.STATUS, status.name());
    fields.put(EventView.VERDICT, Long.toString(fact.offset()));
    List<Mutation> mutations = new ArrayList<>();
    mutations.add(new Mutation.PutView(key, fields));
    mutations.add(new Mutation.Unindex(EventNames.ofStatus(tenant, EventStatus.PENDING), place));
    if (status != EventStatus.MATCHED) {
      mutations.add(
          new Mutation.Index(EventNames.ofStatus(tenant, status), place, before.acceptedAt()));
    }
    mutations.add(new Mutation.Increment(EventNames.counts(tenant), status.name(), 1));
    mutations.add(new Mutation.Finish(EventNames.decided(status), tenant + "/" + place, kept));
    return mutations;
  }

  /// What went wrong stands before what only was not so.
  private static List<String> both(List<String> remarks, List<String> unmet) {
    return Stream.concat(remarks.stream(), unmet.stream()).toList();
  }

  /// "" leaves the field out.
  private static String remarked(List<String> remarks) {
    return remarks.isEmpty() ? "" : "true";
  }

  private static String reason(List<String> reasons) {
    return shortened(String.join("; ", reasons));
  }

  /// The whole text stands on the log.
  private static String shortened(String text) {
    return Excerpt.of(text, LONGEST_TEXT);
  }
}
