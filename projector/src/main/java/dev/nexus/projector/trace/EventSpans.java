package dev.nexus.projector.trace;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.EventMatched;
import dev.nexus.event.ingress.IngressEvent.EventRefused;
import dev.nexus.event.ingress.IngressEvent.EventRepeated;
import dev.nexus.event.ingress.IngressEvent.EventUnmatched;
import dev.nexus.event.ingress.IngressEvent.Outside;
import dev.nexus.event.trace.SpanIds;
import dev.nexus.event.trace.TraceContext;
import dev.nexus.projector.trace.Span.Attributes;
import dev.nexus.projector.trace.Span.Kind;
import dev.nexus.projector.trace.Span.Source;
import java.time.Instant;
import java.util.List;

/// The span of an outside event, from when it was let in until what follows from it was decided. A
/// verdict says all of it. That of an event which started something is the parent of what it
/// started.
final class EventSpans {
  private static final Source DISPATCHER = new Source("nexus-command-service", "");
  private static final String REFUSED = "refused";

  private EventSpans() {}

  /// The span that a verdict ends; none for anything else, nor for a copy, which is dropped.
  ///
  /// @param written when the log took it
  static List<Span> of(Event<IngressEvent> fact, Instant written) {
    Envelope envelope = fact.envelope();
    return switch (fact.body()) {
      case EventAccepted _, EventRepeated _ -> List.of();
      case EventMatched matched ->
          span(SpanIds.ofEvent(envelope), envelope, matched.outside(), "matched", "", written);
      case EventUnmatched unmatched ->
          span(
              SpanIds.ofVerdict(envelope), envelope, unmatched.outside(), "unmatched", "", written);
      case EventRefused refused ->
          span(SpanIds.ofVerdict(envelope), envelope, refused.outside(), REFUSED, REFUSED, written);
    };
  }

  private static List<Span> span(
      String id,
      Envelope envelope,
      Outside outside,
      String result,
      String failure,
      Instant written) {
    TraceContext context = TraceContext.of(envelope);
    if (!context.sampled()) {
      return List.of();
    }
    Attributes attributes =
        new Attributes()
            .with(SpanNames.TENANT, envelope.tenantId().value())
            .with(SpanNames.APP, envelope.appId())
            .with(SpanNames.RESULT, result)
            .with(SpanNames.ERROR_TYPE, failure)
            .with(SpanNames.EVENT_ID, outside.sourceEventId())
            .with(SpanNames.EVENT_SOURCE, outside.source())
            .with(SpanNames.EVENT_TYPE, outside.type());
    return List.of(
        new Span(
            DISPATCHER,
            context.traceId(),
            id,
            context.parentId(),
            "process " + outside.type(),
            Kind.CONSUMER,
            envelope.occurredAt(),
            written,
            attributes.values(),
            failure));
  }
}
