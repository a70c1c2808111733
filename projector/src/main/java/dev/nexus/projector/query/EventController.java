package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.platform.blob.PayloadGoneException;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.QueryParameters;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import dev.nexus.projector.ingress.EventStatus;
import dev.nexus.projector.query.EventQueries.Found;
import dev.nexus.projector.query.NewestFirst.Cursor;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Outside events, single and in lists, with what was decided about them.
@Controller("/v1/events")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class EventController {
  static final int MOST = 500;

  private final EventQueries queries;
  private final Payloads payloads;
  private final KnownNames names;

  public EventController(EventQueries queries, Payloads payloads, KnownNames names) {
    this.queries = queries;
    this.payloads = payloads;
    this.names = names;
  }

  @Get("/{place}")
  HttpResponse<String> find(HttpCaller caller, String place) {
    TenantId tenant = caller.principal().tenant();
    var found = find(tenant, place);
    caller.require(Action.READ, Resource.app(found.view().app()));
    return Answers.json(queries.whole(found));
  }

  /// The data of an event, whole, also where the event only names it.
  @Get("/{place}/data")
  HttpResponse<String> data(HttpCaller caller, String place) {
    TenantId tenant = caller.principal().tenant();
    var found = find(tenant, place);
    caller.require(Action.READ, Resource.app(found.view().app()));
    Json kept =
        queries
            .data(found)
            .orElseThrow(
                () -> Problems.unfound("event", "the log has event '" + place + "' no longer"));
    try {
      return HttpResponse.<String>ok(payloads.content(tenant, kept).text())
          .contentType(MediaType.APPLICATION_JSON_TYPE);
    } catch (PayloadGoneException e) {
      throw Problem.of(HttpStatus.GONE, "payload-gone", String.valueOf(e.getMessage())).exception();
    }
  }

  private Found find(TenantId tenant, String place) {
    if (!EventQueries.isPlace(place)) {
      throw Problems.place(place);
    }
    return queries.find(tenant, place).orElseThrow(() -> queries.notKept(place));
  }

  @Get
  HttpResponse<String> list(
      HttpCaller caller,
      @QueryValue Optional<String> app,
      @QueryValue Optional<String> status,
      @QueryValue Optional<String> source,
      @QueryValue Optional<String> type,
      @QueryValue Optional<String> id,
      @QueryValue Optional<String> eventId,
      @QueryValue Optional<String> remarked,
      @QueryValue Optional<String> limit,
      @QueryValue Optional<String> cursor) {
    caller.require(
        Action.READ, app.<Resource>map(Resource::app).orElseGet(Resource.AllApplications::new));
    int count = QueryParameters.limit(limit, 50, MOST);
    var filter =
        new EventQueries.Filter(
            app.orElse(""),
            status.map(EventController::status).orElse(""),
            source.orElse(""),
            type.orElse(""),
            id.orElse(""),
            eventId.orElse(""),
            QueryParameters.flag("remarked", remarked).orElse(false));
    ObjectNode answer =
        queries.list(
            caller.principal().tenant(),
            filter,
            cursor.map(Cursor::parse).orElse(Cursor.START),
            count);
    if (answer.path("events").isEmpty() && cursor.isEmpty()) {
      names.require(caller, app, Optional.empty());
    }
    return Answers.json(answer);
  }

  private static String status(String text) {
    String wanted = text.toUpperCase(Locale.ROOT);
    List<EventStatus> all = List.of(EventStatus.values());
    if (all.stream().noneMatch(status -> status.name().equals(wanted))) {
      throw QueryParameters.noneOf("status", all.stream().map(EventQueries::word).toList(), text);
    }
    return wanted;
  }
}
