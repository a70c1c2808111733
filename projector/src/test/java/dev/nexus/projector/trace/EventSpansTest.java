package dev.nexus.projector.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.EventMatched;
import dev.nexus.event.ingress.IngressEvent.EventRefused;
import dev.nexus.event.ingress.IngressEvent.EventRepeated;
import dev.nexus.event.ingress.IngressEvent.EventUnmatched;
import dev.nexus.event.ingress.IngressEvent.Outside;
import dev.nexus.event.request.RequestEvent.Line;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.projector.Story;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventSpansTest {
  private static final Outside ORDERED =
      new Outside("shop", "urn:shop", "order-1", "com.example.ordered", "", Story.BEGIN);
  private static final Instant DECIDED = Story.BEGIN.plusMillis(7);

  @Test
  void shouldPutWhatAnEventStartedUnderTheEvent() {
    // Given
    Story story = Story.of("started").waiting("classify", Line.NOBODY).step(Tier.MODEL);
    story.worked(new Usage("gpt", 1, 1, 1, 1, Duration.ofMillis(5)), "1");
    story.succeeded(Tier.MODEL, "1");

    // When
    List<Span> events =
        spans(story, new EventMatched(ORDERED, List.of("triage/all"), List.of(), List.of()));
    List<Span> started = new ArrayList<>();
    ExecutionTrace.begun(story.facts().getFirst(), DECIDED)
        .ifPresent(open -> story.facts().forEach(fact -> started.addAll(open.take(fact, DECIDED))));

    // Then
    assertThat(events)
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.name()).isEqualTo("process com.example.ordered");
              assertThat(event.begin()).isEqualTo(Story.BEGIN);
              assertThat(event.end()).isEqualTo(DECIDED);
              assertThat(event.attributes()).containsEntry("cloudevents.event_id", "order-1");
            });
    Span event = events.getFirst();
    assertThat(started)
        .filteredOn(span -> span.name().equals("invoke classify"))
        .singleElement()
        .satisfies(
            span -> {
              assertThat(span.parentId()).isEqualTo(event.spanId());
              assertThat(span.traceId()).isEqualTo(event.traceId());
            });
  }

  @Test
  void shouldTellOfEachVerdictButThatOnACopy() {
    // Given
    Story story = Story.of("verdicts");

    // Then
    assertThat(spans(story, new EventAccepted(ORDERED, new Json("1")))).isEmpty();
    assertThat(spans(story, new EventRepeated(ORDERED, 1))).isEmpty();
    assertThat(spans(story, new EventUnmatched(ORDERED, List.of(), List.of())))
        .extracting(Span::failure)
        .containsExactly("");
    assertThat(spans(story, new EventRefused(ORDERED, List.of("too large"))))
        .extracting(Span::failure)
        .containsExactly("refused");
  }

  /// The verdict on an event whose correlation is that of the story.
  private static List<Span> spans(Story story, IngressEvent verdict) {
    var envelope =
        Envelope.of(story.id().value(), Story.BEGIN, Story.TENANT, "triage", "integration:shop");
    return EventSpans.of(new Event<>(envelope, verdict), DECIDED);
  }
}
