package dev.nexus.command.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ProblemReplied;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.call.Visible;
import dev.nexus.platform.http.Problem;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import java.util.Locale;

/// Replies of the router as answers over HTTP.
final class Answers {
  private final Tokens tokens;

  Answers(Tokens tokens) {
    this.tokens = tokens;
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static MutableHttpResponse<String> json(HttpStatus status, ObjectNode body) {
    return HttpResponse.<String>status(status)
        .contentType(MediaType.APPLICATION_JSON_TYPE)
        .body(body.toString());
  }

  /// The result of an execution; a problem is thrown when it ended otherwise.
  ObjectNode result(TenantId tenant, ExecutionId execution, ReplyEvent reply) {
    return switch (reply) {
      case ResultReplied(_, var output, var tier, long sequence) -> {
        ObjectNode body = object();
        body.put("executionId", execution.toString());
        body.put("status", "succeeded");
        body.putRawValue("output", new RawValue(output.text()));
        body.put("tier", tier.name().toLowerCase(Locale.ROOT));
        body.put("token", token(tenant, execution, sequence));
        yield body;
      }
      case ProblemReplied(_, var problem, var detail, long sequence) ->
          throw Problem.of(status(problem), "execution-" + problem, detail)
              .with("executionId", execution.toString())
              .with("token", token(tenant, execution, sequence))
              .exception();
      case RefusalReplied(_, var problem, var detail) -> throw refusal(execution, problem, detail);
    };
  }

  /// The execution goes on; whoever asked looks again later.
  ObjectNode accepted(TenantId tenant, ExecutionId execution, String status) {
    ObjectNode body = object();
    body.put("executionId", execution.toString());
    body.put("status", status);
    body.put("token", token(tenant, execution, 1));
    return body;
  }

  static RuntimeException refusal(ExecutionId execution, String problem, String detail) {
    HttpStatus status =
        switch (problem) {
          case "idempotency-key-reused" -> HttpStatus.UNPROCESSABLE_ENTITY;
          case "not-found" -> HttpStatus.NOT_FOUND;
          case "quarantined" -> HttpStatus.SERVICE_UNAVAILABLE;
          default -> HttpStatus.CONFLICT;
        };
    return Problem.of(status, problem, detail)
        .with("executionId", execution.toString())
        .exception();
  }

  /// To the caller we are a gateway in front of a component. That it failed is a bad gateway, that
  /// it
  /// took too long a gateway timeout; a cancelled call met another wish of somebody; a quarantined
  /// one may yet go on, so the same key may be tried later.
  private static HttpStatus status(String problem) {
    return switch (problem) {
      case "timed-out" -> HttpStatus.GATEWAY_TIMEOUT;
      case "cancelled" -> HttpStatus.CONFLICT;
      case "quarantined" -> HttpStatus.SERVICE_UNAVAILABLE;
      default -> HttpStatus.BAD_GATEWAY;
    };
  }

  private String token(TenantId tenant, ExecutionId execution, long sequence) {
    return tokens.sign(new Visible.ExecutionAt(tenant, execution, sequence));
  }
}
