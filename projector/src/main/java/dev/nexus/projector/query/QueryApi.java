package dev.nexus.projector.query;

import static dev.nexus.platform.docs.Operation.get;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.platform.docs.ApiPart;
import dev.nexus.platform.docs.Operation;
import dev.nexus.platform.docs.Parameter;
import dev.nexus.projector.execution.ExecutionStatus;
import dev.nexus.projector.ingress.EventStatus;
import dev.nexus.projector.query.AnswerShapes.ComponentStanding;
import dev.nexus.projector.query.AnswerShapes.ExecutionSummary;
import dev.nexus.projector.query.AnswerShapes.Executions;
import dev.nexus.projector.query.AnswerShapes.OutsideEvent;
import dev.nexus.projector.query.AnswerShapes.OutsideEvents;
import dev.nexus.projector.query.AnswerShapes.Standings;
import dev.nexus.projector.query.AnswerShapes.Statistics;
import dev.nexus.projector.query.AnswerShapes.Summary;
import jakarta.inject.Singleton;
import java.util.List;

/// What can be asked of the read side.
@Singleton
public final class QueryApi implements ApiPart {
  private static final String READ = "`app:<id>:read`";
  private static final String READ_ALL = "`app:*:read`, or with `?app=` `app:<id>:read`";
  private static final Parameter APP = Parameter.app("Id of the application.");
  private static final Parameter COMPONENT = Parameter.path("component", "Id of the component.");
  private static final Parameter EXECUTION = Parameter.path("id", "Id of the execution, a UUID.");
  private static final Parameter OF_APP = Parameter.query("app", "Only those of an application.");

  @Override
  public int place() {
    return 2;
  }

  @Override
  public List<Chapter> chapters() {
    return List.of(executions(), components(), events(), stream());
  }

  private static Chapter executions() {
    return Chapter.of(
        "Executions",
        "What was called, and what became of it.",
        shown(
            get("/v1/executions/{id}", "An execution with its facts.")
                .key(READ)
                .reads(EXECUTION, Parameter.AFTER)
                .answers(200, ExecutionSummary.class, "With `facts`.")
                .refuses(404, "There is no such execution.")),
        shown(
            get("/v1/executions", "Executions, newest first.")
                .key(READ_ALL)
                .reads(
                    OF_APP,
                    Parameter.query("component", "Only those of a component; needs `app`."),
                    Parameter.query("status", "Only those that stand like this.")
                        .word(ExecutionStatus.class),
                    Parameter.limit(50, ExecutionController.MOST),
                    Parameter.CURSOR,
                    Parameter.AFTER)
                .answers(200, Executions.class, "A page of them.")
                .refuses(404, "There is no such application or component.")),
        get("/v1/executions/{id}/payloads/{sha256}", "A large content that a fact names.")
            .key(READ)
            .reads(EXECUTION, Parameter.path("sha256", "Its digest, 64 hexadecimal digits."))
            .answers(200, JsonNode.class, "It, any JSON.")
            .refuses(404, "No such execution, or none of its facts names that.")
            .refuses(410, "It is gone."));
  }

  private static Chapter components() {
    return Chapter.of(
        "Components",
        "Who serves them, what they cost, how often they are right.",
        ofComponent(
            get("/v1/apps/{app}/components/{component}/stats", "Calls, latency, tokens, cost.")
                .answers(200, Statistics.class, "What was measured.")),
        ofComponent(
            get("/v1/apps/{app}/components/{component}/promotion", "Who serves it, and why.")
                .answers(200, ComponentStanding.class, "With `history` and `evidence`.")),
        ofComponent(
            get("/v1/oracle/{app}/{component}", "The same.")
                .answers(200, ComponentStanding.class, "With `history` and `evidence`.")),
        shown(
            get("/v1/oracle", "Where every component stands that the key may read.")
                .key(Operation.ANY_KEY)
                .reads(Parameter.AFTER)
                .answers(200, Standings.class, "Those about which a decision was taken.")),
        shown(
            get("/v1/summary", "Totals.")
                .key(READ_ALL)
                .reads(OF_APP, Parameter.AFTER)
                .answers(200, Summary.class, "Of the tenant, or of an application.")
                .refuses(404, "There is no such application.")));
  }

  private static Operation ofComponent(Operation operation) {
    return shown(operation)
        .key(READ)
        .reads(APP, COMPONENT, Parameter.AFTER)
        .refuses(404, "There is no such application or component.");
  }

  private static Chapter events() {
    Parameter place = Parameter.path("place", "`partition@offset` on `nexus.events`.");
    return Chapter.of(
        "Events",
        "Outside events, and what was decided about them.",
        get("/v1/events", "Outside events, newest first.")
            .key(READ_ALL)
            .reads(
                OF_APP,
                Parameter.query("status", "Only those of which this became.")
                    .word(EventStatus.class),
                Parameter.query("source", "Only those of a source."),
                Parameter.query("type", "Only those of a type."),
                Parameter.query("id", "Only those with this id."),
                Parameter.query(
                    "eventId", "Only that one: `correlationId` of the executions it started."),
                Parameter.query("remarked", "Only those of which a trigger could not be used.")
                    .flag(),
                Parameter.limit(50, EventController.MOST),
                Parameter.CURSOR)
            .answers(200, OutsideEvents.class, "A page of them.")
            .refuses(404, "There is no such application."),
        get("/v1/events/{place}", "An outside event, whole.")
            .key(READ)
            .reads(place)
            .answers(200, OutsideEvent.class, "With `event` and `verdict`.")
            .refuses(404, "No such event is among those that are kept for reading."),
        get("/v1/events/{place}/data", "The data of an outside event.")
            .key(READ)
            .reads(place)
            .answers(200, JsonNode.class, "It, any JSON.")
            .refuses(404, "No such event is among those that are kept for reading.")
            .refuses(410, "It is gone."));
  }

  private static Chapter stream() {
    return Chapter.of(
        "Stream",
        "Facts as they are written.",
        get("/v1/stream", "Facts as they are written, as server-sent events.")
            .key(READ_ALL)
            .reads(
                OF_APP,
                Parameter.query("component", "Only those of a component."),
                Parameter.query("type", "Types of facts, divided by commas."),
                Parameter.header("Last-Event-ID", "Goes on behind the event with this id."))
            .streams(
                "Each under its type; `open` first, `quiet` while nothing happens, `gap` where some"
                    + " are too old or the log has lost its end, `dropped` with the reason at the"
                    + " end.")
            .refuses(404, "There is no such application or component.")
            .refuses(429, "The key, or its tenant, has as many streams open as it may have.")
            .refuses(503, "Too many listen, or the projection is being folded again."));
  }

  /// What the projection answers while it is behind.
  private static Operation shown(Operation operation) {
    return operation
        .refuses(
            503,
            "The projections are starting, being folded again, or without Redis; or the log, which"
                + " has what is too large for Redis, does not answer.")
        .refuses(504, "What `after` names is not visible yet.");
  }
}
