package dev.nexus.command.api;

import static dev.nexus.platform.docs.Operation.delete;
import static dev.nexus.platform.docs.Operation.get;
import static dev.nexus.platform.docs.Operation.post;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.command.api.AnswerShapes.AcceptedEvents;
import dev.nexus.command.api.AnswerShapes.ApplicationDetails;
import dev.nexus.command.api.AnswerShapes.Applications;
import dev.nexus.command.api.AnswerShapes.Applied;
import dev.nexus.command.api.AnswerShapes.Commanded;
import dev.nexus.command.api.AnswerShapes.IntegrationShown;
import dev.nexus.command.api.AnswerShapes.Integrations;
import dev.nexus.command.api.AnswerShapes.Result;
import dev.nexus.command.api.AnswerShapes.Running;
import dev.nexus.command.api.RequestShapes.Cancellation;
import dev.nexus.command.api.RequestShapes.CloudEventBody;
import dev.nexus.command.api.RequestShapes.Definition;
import dev.nexus.command.api.RequestShapes.NewIntegration;
import dev.nexus.command.api.RequestShapes.Release;
import dev.nexus.command.api.RequestShapes.Truth;
import dev.nexus.command.intake.HttpEvents;
import dev.nexus.platform.call.CallLimits;
import dev.nexus.platform.docs.ApiPart;
import dev.nexus.platform.docs.Operation;
import dev.nexus.platform.docs.Parameter;
import jakarta.inject.Singleton;
import java.util.List;

/// Calls of the write side that applications and those who work with them make.
@Singleton
public final class CommandApi implements ApiPart {
  static final String OPERATOR = "`operator`";

  private static final Parameter APP = Parameter.app("Id of the application.");
  private static final String APPLY = "`app:<id>:apply`";
  private static final String READ = "`app:<id>:read`";
  private static final String INVOKE = "`app:<id>:invoke`";
  private static final String ANY_INVOKE = "`app:*:invoke`, or with `?app=` `app:<id>:invoke`";
  private static final String LIMITED =
      "Not now: too many requests of this key, or too much work waits. Nothing was begun.";
  private static final String FULL = "A disk is full, or the tenant's quota of large contents is.";

  @Override
  public int place() {
    return 1;
  }

  @Override
  public List<Chapter> chapters() {
    return List.of(
        Chapter.of(
            "Calls",
            "Components are called; the answer comes at once when it is there in time.",
            invoke()),
        applications(),
        Chapter.of(
            "Runtime values",
            "Values that an application keeps between executions, by key.",
            ValueApi.operations()),
        executions(),
        events());
  }

  private static Operation invoke() {
    return post("/v1/apps/{app}/components/{component}/invoke", "Runs a component.")
        .key(INVOKE)
        .reads(
            APP,
            Parameter.path("component", "Id of the component."),
            Parameter.query("wait", "How long to wait for the answer.")
                .duration(CallLimits.LONGEST_WAIT, CallLimits.WAIT),
            Parameter.query("timeout", "How long the execution may take.")
                .duration(CallLimits.LONGEST_TIMEOUT),
            Parameter.AFTER,
            Parameter.header(
                "Idempotency-Key",
                "A call repeated with it meets the same execution and gets the recorded answer; 1"
                    + " to 255 characters."),
            Parameter.TRACE)
        .takes("application/json", JsonNode.class)
        .bodyNeeded()
        .answers(200, Result.class, "It succeeded.")
        .streams(
            "With `Accept: text/event-stream`: `accepted`, every fact under its own name, at the"
                + " end `result`, `problem` or `running`.")
        .answers(202, Running.class, "It goes on.")
        .header(202, "Location", "Where to look.")
        .refuses(404, "No such application or component; `nearest` says which exist.")
        .refuses(409, "It was cancelled.")
        .refuses(410, "Its answer is a large content that is gone.")
        .refuses(422, "The input does not fit the schema, or the key was used with another body.")
        .refuses(429, LIMITED)
        .refuses(502, "The component failed, after its retries.")
        .refuses(
            503,
            "The log takes no requests, or the execution waits for an operator: try again with the"
                + " same key.")
        .refuses(504, "It took longer than it may, or what `after` names is not visible yet.")
        .refuses(507, FULL);
  }

  private static Chapter applications() {
    return Chapter.of(
        "Applications",
        "Published whole, in versions, and the sources of outside events they have.",
        post("/v1/apps/{app}/apply", "Publishes an application.")
            .key(APPLY)
            .reads(APP)
            .takes(Definition.class)
            .answers(200, Applied.class, "It is current.")
            .refuses(409, "Changed since `revision`, or an id or source is taken.")
            .refuses(422, "The definition has faults; `errors` has all of them."),
        get("/v1/apps", "Current versions of the applications that the key may use.")
            .key(Operation.ANY_KEY)
            .reads(Parameter.AFTER)
            .answers(200, Applications.class, "Them.")
            .refuses(504, "What `after` names is not visible yet."),
        get("/v1/apps/{app}", "An application with its components and triggers.")
            .key(READ)
            .reads(APP, Parameter.AFTER)
            .answers(200, ApplicationDetails.class, "Its current version.")
            .refuses(404, "There is no such application.")
            .refuses(504, "What `after` names is not visible yet."),
        post("/v1/apps/{app}/integrations", "Registers a source of outside events.")
            .key(APPLY)
            .reads(APP)
            .takes(NewIntegration.class)
            .answers(201, IntegrationShown.class, "Its events are taken.")
            .answers(202, IntegrationShown.class, "Written; in force here a moment later.")
            .refuses(404, "There is no such application.")
            .refuses(409, "Its id or source is taken."),
        get("/v1/apps/{app}/integrations", "Sources of outside events of an application.")
            .key(READ)
            .reads(APP)
            .answers(200, Integrations.class, "Them.")
            .refuses(404, "There is no such application."),
        delete("/v1/apps/{app}/integrations/{integration}", "Removes a source of outside events.")
            .key(APPLY)
            .reads(APP, Parameter.path("integration", "Id of the integration."))
            .answers(204, "Its events are refused.")
            .answers(202, "Written; in force here a moment later.")
            .refuses(404, "There is no such integration."));
  }

  private static Chapter executions() {
    return Chapter.of(
        "Commands",
        "What can be asked of an execution that exists.",
        command("cancel", "Cancels an execution.", ANY_INVOKE)
            .reads(app(), wait("How long to wait until it is; 10s where it is left out."))
            .mayTake(Cancellation.class)
            .answers(200, Commanded.class, "It is cancelled.")
            .answers(202, Commanded.class, "Not yet.")
            .refuses(409, "It had ended otherwise.")
            .refuses(503, "It is quarantined, or the log takes no requests."),
        command("release", "Lets a quarantined execution go on, or ends it.", OPERATOR)
            .reads(wait("How long to wait; 2s where it is left out, 10s with `discard`."))
            .mayTake(Release.class)
            .answers(
                200, Commanded.class, "Discarded, or released and ended since: `end` says how.")
            .answers(202, Commanded.class, "Released, and it goes on.")
            .refuses(409, "It is not quarantined."),
        command("truth", "Reports what the right answer is.", ANY_INVOKE)
            .reads(app(), wait("How long to wait until it is noted; 10s where it is left out."))
            .takes(Truth.class)
            .answers(202, Commanded.class, "Noted, or, without a token, on the log.")
            .refuses(409, "It has been told as many truths as it takes.")
            .refuses(503, "It is quarantined and keeps no more, or the log takes no requests.")
            .refuses(507, FULL));
  }

  private static Operation command(String verb, String summary, String scope) {
    return post("/v1/executions/{id}/" + verb, summary)
        .key(scope)
        .reads(Parameter.path("id", "Id of the execution, a UUID."))
        .refuses(404, "There is no such execution.")
        .refuses(429, "Not now: too many requests of this key.");
  }

  private static Parameter app() {
    return Parameter.query("app", "Application of the execution, for a key for it alone.");
  }

  private static Parameter wait(String about) {
    return Parameter.query("wait", about).duration(ExecutionCommandController.LONGEST_WAIT);
  }

  private static Chapter events() {
    return Chapter.of(
        "Outside events",
        "CloudEvents 1.0 of registered sources, in each form of the HTTP binding.",
        accepts(
            post("/v1/events", "Publishes CloudEvents of registered sources.")
                .key(INVOKE + " of the application that registered the source")
                .reads(Parameter.TRACE)),
        accepts(
            post(
                    "/v1/hooks/{integration}",
                    "Takes deliveries, such as GitHub's webhooks. A query of its URL is not read.")
                .reads(
                    Parameter.path("integration", "Id of the integration."),
                    Parameter.header(
                            "X-Hub-Signature-256", "`sha256=` and the HMAC of the body, in hex.")
                        .needed(),
                    Parameter.header("X-GitHub-Event", "Of a delivery in GitHub's form."),
                    Parameter.header("X-GitHub-Delivery", "Of a delivery in GitHub's form."),
                    Parameter.TRACE)
                .refuses(401, "The signature is missing or wrong; this is audited.")
                .refuses(403, "The source is not that of the integration.")
                .refuses(404, "No such integration takes deliveries here.")
                .refuses(503, "The secret cannot be read, or the log does not answer.")));
  }

  private static Operation accepts(Operation operation) {
    String attribute = "An attribute, of an event in binary form.";
    return operation
        .reads(
            Parameter.header("ce-specversion", attribute + " `1.0`."),
            Parameter.header("ce-id", attribute),
            Parameter.header("ce-source", attribute),
            Parameter.header("ce-type", attribute))
        .takes(HttpEvents.STRUCTURED, CloudEventBody.class)
        .takes(HttpEvents.BATCH, CloudEventBody[].class)
        .takes("application/json", JsonNode.class)
        .bodyNeeded()
        .answers(202, AcceptedEvents.class, "On the disk of the log, with what was not taken.")
        .refuses(422, "The source is not registered, or none of several events can be taken.")
        .refuses(429, LIMITED)
        .refuses(507, FULL);
  }
}
