package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.projector.ingress.EventNames;
import dev.nexus.projector.ingress.EventStatus;
import dev.nexus.projector.ingress.EventView;
import dev.nexus.projector.store.Slot;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Outside events: single ones with what was decided about them, and lists, newest first.
public final class EventQueries {
  private static final EventCodec<IngressEvent> CODEC =
      EventCodec.of(Topic.EVENTS, IngressEvent.class);
  private static final Pattern PLACE = Pattern.compile("(\\d{1,6})@(\\d{1,18})");

  private final ProjectionReads reads;
  private final LogLookup log;
  private final NewestFirst lists;
  private final int kept;

  /// `kept` newest decided events of each status and partition are found.
  public EventQueries(ProjectionReads reads, LogLookup log, int kept) {
    this.reads = reads;
    this.log = log;
    this.lists = new NewestFirst(reads);
    this.kept = kept;
  }

  /// What is asked for; "" means any.
  ///
  /// @param id of its source
  /// @param eventId what the executions that it started have as `correlationId`
  /// @param remarked only those of which a trigger could not be used, such as one whose condition
  ///     could not be evaluated; not those that no trigger is for
  record Filter(
      String app,
      String status,
      String source,
      String type,
      String id,
      String eventId,
      boolean remarked) {
    boolean accepts(EventView view) {
      return view.exists()
          && (app.isEmpty() || app.equals(view.app()))
          && (status.isEmpty() || status.equals(view.status().name()))
          && (source.isEmpty() || source.equals(view.source()))
          && (type.isEmpty() || type.equals(view.type()))
          && (id.isEmpty() || id.equals(view.sourceEventId()))
          && (eventId.isEmpty() || eventId.equals(view.eventId()))
          && (!remarked || view.remarked());
    }
  }

  /// An event and the partition it stands on.
  record Found(Slot slot, long offset, EventView view) {}

  static boolean isPlace(String text) {
    return PLACE.matcher(text).matches();
  }

  /// The event at a place, `partition@offset`; empty when there is none, or an older one.
  Optional<Found> find(TenantId tenant, String place) {
    Matcher parts = PLACE.matcher(place);
    if (!parts.matches()) {
      return Optional.empty();
    }
    int partition = Integer.parseInt(parts.group(1));
    long offset = Long.parseLong(parts.group(2));
    return reads.slots(Topic.EVENTS).stream()
        .filter(slot -> slot.partition() == partition)
        .findFirst()
        .map(
            slot ->
                new Found(
                    slot,
                    offset,
                    new EventView(
                        reads.view(
                            slot,
                            EventNames.summary(tenant, EventNames.place(partition, offset))))))
        .filter(found -> found.view().exists());
  }

  /// All there is to say about an event: its data and the whole verdict are read from the log.
  ObjectNode whole(Found found) {
    EventView view = found.view();
    ObjectNode json = summary(EventNames.place(found.slot().partition(), found.offset()), view);
    record(found.slot(), found.offset()).ifPresent(event -> json.set("event", event));
    if (view.verdictOffset() >= 0) {
      record(found.slot(), view.verdictOffset()).ifPresent(event -> json.set("verdict", event));
    }
    return json;
  }

  /// The data of an event as the log has it; empty when the log has it no longer.
  Optional<Json> data(Found found) {
    return log.record(found.slot(), found.offset())
        .map(CODEC::decode)
        .filter(event -> event.body() instanceof EventAccepted)
        .map(event -> ((EventAccepted) event.body()).data());
  }

  private Optional<ObjectNode> record(Slot slot, long offset) {
    return log.record(slot, offset)
        .map(CODEC::decode)
        .map(
            event -> {
              ObjectNode json = EventJson.of(event);
              ObjectNode position = json.putObject("position");
              position.put("topic", slot.topic());
              position.put("partition", slot.partition());
              position.put("offset", offset);
              return json;
            });
  }

  ObjectNode list(TenantId tenant, Filter filter, NewestFirst.Cursor after, int limit) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    var events = answer.putArray("events");
    boolean listed =
        !filter.status().isEmpty() && !filter.status().equals(EventStatus.MATCHED.name());
    lists
        .page(
            reads.slots(Topic.EVENTS),
            List.of(
                listed
                    ? EventNames.ofStatus(tenant, EventStatus.valueOf(filter.status()))
                    : EventNames.all(tenant)),
            place -> EventNames.summary(tenant, place),
            new NewestFirst.Wanted(
                after,
                limit,
                (place, fields) -> {
                  EventView view = new EventView(fields);
                  return filter.accepts(view) && events.add(summary(place, view)) != null;
                }))
        .ifPresent(cursor -> answer.put("cursor", cursor.toString()));
    Map<String, Long> counted = reads.sums(Topic.EVENTS, EventNames.counts(tenant));
    ObjectNode counts = answer.putObject("counts");
    for (EventStatus status : EventStatus.values()) {
      if (status != EventStatus.PENDING) {
        counts.put(word(status), counted.getOrDefault(status.name(), 0L));
      }
    }
    boolean decided = counted.values().stream().anyMatch(count -> count > 0);
    if (events.isEmpty() && !answer.has("cursor") && decided && !isKeptWhole(filter)) {
      String none = after.equals(NewestFirst.Cursor.START) ? "no event" : "no older event";
      answer.put("note", none + " of this kind is among " + kept());
    }
    return answer;
  }

  /// What is not decided yet is never left out.
  private static boolean isKeptWhole(Filter filter) {
    return filter.status().equals(EventStatus.PENDING.name());
  }

  /// That nothing is found at a place does not say that there was no event.
  ProblemException notKept(String place) {
    return Problems.unfound(
        "event",
        "no event '"
            + place
            + "' is among "
            + kept()
            + ". A place is PARTITION@OFFSET, as lists of events have it");
  }

  private String kept() {
    return "the newest "
        + kept
        + " of each status and partition that are kept for reading ("
        + Setting.PROJECTED_EVENTS.variable()
        + "); "
        + Topic.EVENTS.topicName()
        + " has older ones for longer";
  }

  static String word(EventStatus status) {
    return status.name().toLowerCase(Locale.ROOT);
  }

  private static ObjectNode summary(String place, EventView view) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("place", place);
    json.put("status", word(view.status()));
    json.put("source", view.source());
    json.put("id", view.sourceEventId());
    json.put("type", view.type());
    if (!view.subject().isEmpty()) {
      json.put("subject", view.subject());
    }
    json.put("happenedAt", Answers.time(view.happenedAt()));
    json.put("acceptedAt", Answers.time(view.acceptedAt()));
    json.put("app", view.app());
    json.put("integration", view.integration());
    json.put("eventId", view.eventId());
    var executions = json.putArray("executions");
    view.executions().forEach(executions::add);
    if (!view.triggers().isEmpty()) {
      var triggers = json.putArray("triggers");
      view.triggers().forEach(triggers::add);
    }
    if (!view.reason().isEmpty()) {
      json.put("reason", view.reason());
    }
    if (view.firstOffset() >= 0) {
      json.put("first", place.substring(0, place.indexOf('@') + 1) + view.firstOffset());
    }
    return json;
  }
}
