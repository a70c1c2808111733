package dev.nexus.command.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ProblemReplied;
import dev.nexus.event.reply.ReplyEvent.ReceiptReplied;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.platform.call.ReplyStatus;
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
          throw Problem.of(ReplyStatus.ofProblem(problem), "execution-" + problem, detail)
              .with("executionId", execution.toString())
              .with("token", token(tenant, execution, sequence))
              .exception();
      case RefusalReplied(_, var problem, var detail) -> throw refusal(execution, problem, detail);
      case ReceiptReplied _ -> throw new IllegalStateException("a call has no receipt");
    };
  }

  /// The execution begins or goes on; whoever asked looks again later. The token names its first
  /// fact.
  ObjectNode accepted(TenantId tenant, ExecutionId execution, String status) {
    return status(execution, status).put("token", token(tenant, execution, 1));
  }

  /// What became of a request to an execution.
  static ObjectNode status(ExecutionId execution, String status) {
    return object().put("executionId", execution.toString()).put("status", status);
  }

  static RuntimeException refusal(ExecutionId execution, String problem, String detail) {
    return Problem.of(ReplyStatus.ofRefusal(problem), problem, detail)
        .with("executionId", execution.toString())
        .exception();
  }

  String token(TenantId tenant, ExecutionId execution, long sequence) {
    return tokens.sign(new Visible.ExecutionAt(tenant, execution, sequence));
  }
}
