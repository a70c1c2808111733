package dev.nexus.command.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ProblemReplied;
import dev.nexus.event.reply.ReplyEvent.ReceiptReplied;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.platform.admission.Admission;
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
import org.jspecify.annotations.Nullable;

/// What can be asked of an execution that exists. A key for one application names it with `?app=`;
/// the router refuses executions of another.
@Controller("/v1/executions/{id}")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class ExecutionCommandController {
  /// What is decided at once, on a machine that may be busy.
  private static final Duration WAIT = Duration.ofSeconds(10);

  /// What is released may go on for long.
  private static final Duration WAIT_FOR_AN_END = Duration.ofSeconds(2);

  static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
  private static final String CANCELLED = "cancelled";
  private static final String QUARANTINED = "quarantined";
  private static final String REPORTED = "reported";

  private final ExecutionCaller executions;
  private final Answers answers;
  private final Admission admission;

  public ExecutionCommandController(
      ExecutionCaller executions, Answers answers, Admission admission) {
    this.executions = executions;
    this.answers = answers;
    this.admission = admission;
  }

  /// `{"reason": …}`, which may be left out. 200 when it is cancelled, 202 when that is still to
  /// come, 409 when it ended otherwise before.
  @Post("/cancel")
  HttpResponse<String> cancel(
      HttpCaller caller,
      String id,
      @QueryValue Optional<String> app,
      @QueryValue Optional<String> wait,
      @Nullable @Body String body) {
    authorise(caller, app);
    count(caller);
    ExecutionId execution = execution(id);
    Duration patience = patience(wait, WAIT);
    String reason = "cancelled by " + caller.principal().actor();
    if (body != null && !body.isBlank()) {
      reason = Bodies.text(Bodies.object(body, "reason"), "reason", reason);
    }
    try (PendingReply pending =
        executions.cancel(origin(caller), app.orElse(""), execution, reason)) {
      return pending
          .await(patience)
          .map(reply -> cancelled(caller, execution, reply))
          .orElseGet(
              () -> Answers.json(HttpStatus.ACCEPTED, Answers.status(execution, "cancelling")));
    }
  }

  private HttpResponse<String> cancelled(
      HttpCaller caller, ExecutionId execution, ReplyEvent reply) {
    return switch (reply) {
      case RefusalReplied(_, var problem, var detail) ->
          throw Answers.refusal(execution, problem, detail);
      case ProblemReplied(_, var problem, _, var sequence) when problem.equals(CANCELLED) ->
          Answers.json(HttpStatus.OK, done(caller, execution, CANCELLED, sequence));
      case ProblemReplied(_, var problem, var detail, _) when problem.equals(QUARANTINED) ->
          throw Answers.refusal(execution, QUARANTINED, detail);
      case ProblemReplied(_, var problem, var detail, _) ->
          throw Answers.refusal(
              execution, "finished", "the execution has ended already, " + problem + ": " + detail);
      case ResultReplied _ ->
          throw Answers.refusal(
              execution, "finished", "the execution has ended already, with a result");
      case ReceiptReplied _ -> throw new IllegalStateException("a cancellation has no receipt");
    };
  }

  /// `{"discard": false}` lets a quarantined execution go on, `true` ends it. 202 while the
  /// released execution goes on; its end, when it comes within the wait, is told with the 200.
  @Post("/release")
  HttpResponse<String> release(
      HttpCaller caller,
      String id,
      @QueryValue Optional<String> wait,
      @Nullable @Body String body) {
    caller.require(Action.OPERATE, new Resource.Installation());
    count(caller);
    ExecutionId execution = execution(id);
    boolean discard =
        Bodies.flag(
            Bodies.object(body == null || body.isBlank() ? "{}" : body, "discard"), "discard");
    Duration patience = patience(wait, discard ? WAIT : WAIT_FOR_AN_END);
    String done = discard ? "discarded" : "released";
    try (PendingReply pending = executions.release(origin(caller), "", execution, discard)) {
      return pending
          .await(patience)
          .map(reply -> released(caller, execution, done, reply))
          .orElseGet(
              () ->
                  Answers.json(
                      HttpStatus.ACCEPTED,
                      Answers.status(execution, discard ? "discarding" : "releasing")));
    }
  }

  /// Only an execution that goes on comes to an end, so any end says that it was released.
  private HttpResponse<String> released(
      HttpCaller caller, ExecutionId execution, String done, ReplyEvent reply) {
    return switch (reply) {
      case RefusalReplied(_, var problem, var detail) ->
          throw Answers.refusal(execution, problem, detail);
      case ProblemReplied(_, var problem, _, var sequence) ->
          Answers.json(HttpStatus.OK, done(caller, execution, done, sequence).put("end", problem));
      case ResultReplied(_, _, _, var sequence) ->
          Answers.json(
              HttpStatus.OK, done(caller, execution, done, sequence).put("end", "succeeded"));
      case ReceiptReplied _ -> throw new IllegalStateException("a release has no receipt");
    };
  }

  private ObjectNode done(HttpCaller caller, ExecutionId execution, String status, long sequence) {
    return Answers.status(execution, status)
        .put("token", answers.token(caller.principal().tenant(), execution, sequence));
  }

  /// `{"output": …}`: what the right answer is. 202 with a token when it is noted, without one
  /// when it is on the log and that is still to come.
  @Post("/truth")
  HttpResponse<String> truth(
      HttpCaller caller,
      String id,
      @QueryValue Optional<String> app,
      @QueryValue Optional<String> wait,
      @Nullable @Body String body) {
    authorise(caller, app);
    count(caller);
    admission.refuseFull();
    ExecutionId execution = execution(id);
    Duration patience = patience(wait, WAIT);
    JsonNode output = Bodies.object(body, "output").get("output");
    if (output == null) {
      throw Bodies.invalid(
          Fault.at("", "the field output is missing", "the right output, JSON", "nothing"));
    }
    try (PendingReply pending =
        executions.truth(origin(caller), app.orElse(""), execution, new Json(output.toString()))) {
      return Answers.json(
          HttpStatus.ACCEPTED,
          pending
              .await(patience)
              .map(reply -> noted(caller, execution, reply))
              .orElseGet(() -> Answers.status(execution, REPORTED)));
    }
  }

  /// The end of the execution may come first, which says nothing of the truth.
  private ObjectNode noted(HttpCaller caller, ExecutionId execution, ReplyEvent reply) {
    return switch (reply) {
      case ReceiptReplied(_, var sequence) -> done(caller, execution, REPORTED, sequence);
      case RefusalReplied(_, var problem, var detail) ->
          throw Answers.refusal(execution, problem, detail);
      case ResultReplied _, ProblemReplied _ -> Answers.status(execution, REPORTED);
    };
  }

  /// What is under way is never refused for a backlog, but nobody may ask more often than others.
  private void count(HttpCaller caller) {
    admission.count(caller.principal().tenant(), caller.principal().actor(), 1);
  }

  private static Duration patience(Optional<String> wait, Duration usual) {
    return Bodies.duration("wait", wait, LONGEST_WAIT, usual);
  }

  private static void authorise(HttpCaller caller, Optional<String> app) {
    caller.require(
        Action.INVOKE, app.<Resource>map(Resource::app).orElseGet(Resource.AllApplications::new));
  }

  private static Origin origin(HttpCaller caller) {
    return Origin.of(caller.principal(), "http", "");
  }

  private static ExecutionId execution(String id) {
    try {
      return ExecutionId.parse(id);
    } catch (IllegalArgumentException e) {
      throw Problem.of(
              HttpStatus.NOT_FOUND,
              "unknown-execution",
              "no execution '" + id + "': its id is a UUID, as the invocation answered")
          .exception();
    }
  }
}
