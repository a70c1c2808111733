package dev.nexus.projector.ingress;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.EventMatched;
import dev.nexus.event.ingress.IngressEvent.EventRefused;
import dev.nexus.event.ingress.IngressEvent.EventRepeated;
import dev.nexus.event.ingress.IngressEvent.EventUnmatched;
import dev.nexus.event.ingress.IngressEvent.Outside;
import dev.nexus.projector.Story;
import dev.nexus.topic.Topic;
import java.time.Instant;
import java.util.List;

/// Records of one partition of `nexus.events`, as intake and dispatcher would write them.
public final class OutsideStory {
  private OutsideStory() {}

  public static Event<IngressEvent> accepted(String id, String source, Instant at) {
    return new Event<>(
        envelope(id, "accepted", at, Position.NONE),
        new EventAccepted(outside(id, source), new Json("{\"n\":1}")));
  }

  public static Event<IngressEvent> matched(String id, String source, long about) {
    return verdict(
        id,
        about,
        new EventMatched(
            outside(id, source), List.of("shop/orders"), List.of("execution-1"), List.of()));
  }

  public static Event<IngressEvent> unmatched(String id, String source, long about) {
    return verdict(
        id,
        about,
        new EventUnmatched(
            outside(id, source),
            List.of(),
            List.of("no trigger selects it: no application has one")));
  }

  /// One whose trigger could not be looked at, beside one whose condition is not met.
  public static Event<IngressEvent> remarked(String id, String source, long about, String remark) {
    return verdict(
        id,
        about,
        new EventUnmatched(
            outside(id, source),
            List.of(remark),
            List.of("the condition of shop/large is not met")));
  }

  public static Event<IngressEvent> refused(String id, String source, long about, String why) {
    return verdict(id, about, new EventRefused(outside(id, source), List.of(why)));
  }

  public static Event<IngressEvent> repeated(String id, String source, long about, long first) {
    return verdict(id, about, new EventRepeated(outside(id, source), first));
  }

  /// On partition 0.
  private static Event<IngressEvent> verdict(String id, long about, IngressEvent body) {
    return new Event<>(
        envelope(
            id, "verdict/" + about, Story.BEGIN, new Position(Topic.EVENTS.topicName(), 0, about)),
        body);
  }

  private static Outside outside(String id, String source) {
    return new Outside("shop", source, id, "com.example.ordered", "lamps/1", Story.BEGIN);
  }

  private static Envelope envelope(String id, String what, Instant at, Position input) {
    return new Envelope(
        NameIds.uuid5("event", id, what),
        at,
        Story.TENANT,
        "shop",
        "",
        0,
        "",
        "",
        "integration:shop",
        "",
        input);
  }
}
