package dev.nexus.command.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ProblemReplied;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.platform.call.ExecutionCaller;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.call.PendingReply;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What can be asked of an execution that exists. A key for one application names it with `?app=`;
/// the router refuses executions of another.
@Controller("/v1/executions/{id}")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class ExecutionCommandController {
  private static final Duration WAIT = Duration.ofSeconds(2);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  private final ExecutionCaller executions;
  private final Answers answers;

  public ExecutionCommandController(ExecutionCaller executions, Answers answers) {
    this.executions = executions;
    this.answers = answers;
  }

  /// `{"reason": …}`, which may be left out. 200 when it has ended, 202 when that is still to come.
  @Post("/cancel")
  HttpResponse<String> cancel(
      HttpCaller caller,
      String id,
      @QueryValue Optional<String> app,
      @QueryValue Optional<String> wait,
      @Nullable @Body String body) {
    authorise(caller, app);
    ExecutionId execution = execution(id);
    String reason =
        body == null || body.isBlank()
            ? "cancelled by " + caller.principal().actor()
            : Bodies.text(Bodies.object(body, "reason"), "reason", "cancelled by its caller");
    try (PendingReply pending =
        executions.cancel(origin(caller), app.orElse(""), execution, reason)) {
      return answer(caller, pending, wait, "cancelled", "cancelling");
    }
  }

  /// `{"discard": false}` lets a quarantined execution go on, `true` ends it.
  @Post("/release")
  HttpResponse<String> release(
      HttpCaller caller,
      String id,
      @QueryValue Optional<String> wait,
      @Nullable @Body String body) {
    caller.require(Action.OPERATE, new Resource.Installation());
    ExecutionId execution = execution(id);
    ObjectNode request = Bodies.object(body == null ? "{}" : body, "discard");
    boolean discard = request.path("discard").asBoolean(false);
    try (PendingReply pending = executions.release(origin(caller), "", execution, discard)) {
      return answer(caller, pending, wait, discard ? "discarded" : "released", "releasing");
    }
  }

  /// `{"output": …}`: what the right answer is.
  @Post("/truth")
  HttpResponse<String> truth(
      HttpCaller caller, String id, @QueryValue Optional<String> app, @Nullable @Body String body) {
    authorise(caller, app);
    ExecutionId execution = execution(id);
    JsonNode output = Bodies.object(body, "output").get("output");
    if (output == null) {
      throw Bodies.invalid(
          Fault.at("", "the field output is missing", "the right output, JSON", "nothing"));
    }
    executions.truth(origin(caller), app.orElse(""), execution, new Json(output.toString()));
    return Answers.json(
        HttpStatus.ACCEPTED, answers.accepted(caller.principal().tenant(), execution, "reported"));
  }

  private HttpResponse<String> answer(
      HttpCaller caller,
      PendingReply pending,
      Optional<String> wait,
      String done,
      String underway) {
    Duration patience = Bodies.duration("wait", wait, LONGEST_WAIT, WAIT);
    Optional<ReplyEvent> reply = pending.await(patience);
    var tenant = caller.principal().tenant();
    if (reply.isEmpty()) {
      return Answers.json(
          HttpStatus.ACCEPTED, answers.accepted(tenant, pending.executionId(), underway));
    }
    return switch (reply.get()) {
      case RefusalReplied(_, var problem, var detail) ->
          throw Answers.refusal(pending.executionId(), problem, detail);
      case ProblemReplied _ ->
          Answers.json(HttpStatus.OK, answers.accepted(tenant, pending.executionId(), done));
      // It ended well before the wish reached it.
      case ResultReplied _ ->
          throw Answers.refusal(
              pending.executionId(), "finished", "the execution has ended already");
    };
  }

  private static void authorise(HttpCaller caller, Optional<String> app) {
    caller.require(
        Action.INVOKE, app.<Resource>map(Resource::app).orElseGet(Resource.AllApplications::new));
  }

  private static Origin origin(HttpCaller caller) {
    return new Origin(caller.principal().tenant(), caller.principal().actor(), "http", "");
  }

  private static ExecutionId execution(String id) {
    try {
      return new ExecutionId(UUID.fromString(id));
    } catch (IllegalArgumentException e) {
      throw Problem.of(
              HttpStatus.NOT_FOUND,
              "unknown-execution",
              "no execution '" + id + "': its id is a UUID, as the invocation answered")
          .exception();
    }
  }
}
