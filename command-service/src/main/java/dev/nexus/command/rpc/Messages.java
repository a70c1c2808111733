package dev.nexus.command.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ProblemReplied;
import dev.nexus.event.reply.ReplyEvent.ReceiptReplied;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.grpc.v1.Execution;
import dev.nexus.grpc.v1.Fact;
import dev.nexus.grpc.v1.Status;
import dev.nexus.platform.call.ReplyStatus;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.call.Visible.ExecutionAt;
import dev.nexus.platform.http.Problem;
import java.time.Instant;
import java.util.Locale;

/// Executions and facts as gRPC messages.
final class Messages {
  private final Tokens tokens;

  Messages(Tokens tokens) {
    this.tokens = tokens;
  }

  /// An execution whose end is not known yet.
  Execution running(TenantId tenant, ExecutionId id) {
    return Execution.newBuilder()
        .setExecutionId(id.toString())
        .setStatus(Status.STATUS_RUNNING)
        .setToken(token(tenant, id, 1))
        .build();
  }

  /// An execution that ended; a refused request is thrown as the problem it is.
  Execution ended(TenantId tenant, ExecutionId id, ReplyEvent reply) {
    Execution.Builder execution = Execution.newBuilder().setExecutionId(id.toString());
    return switch (reply) {
      case ResultReplied(_, var output, var tier, var sequence) ->
          execution
              .setStatus(Status.STATUS_SUCCEEDED)
              .setOutputJson(output.text())
              .setTier(tier.name().toLowerCase(Locale.ROOT))
              .setToken(token(tenant, id, sequence))
              .build();
      case ProblemReplied(_, var problem, var detail, var sequence) ->
          execution
              .setStatus(status(problem.replace('-', '_')))
              .setProblem(detail)
              .setToken(token(tenant, id, sequence))
              .build();
      case RefusalReplied(_, var problem, var detail) ->
          throw Problem.of(ReplyStatus.ofRefusal(problem), problem, detail).exception();
      case ReceiptReplied _ -> throw new IllegalStateException("a call has no receipt");
    };
  }

  /// An execution as the read side shows it.
  Execution read(TenantId tenant, JsonNode shown) {
    String id = shown.path("executionId").asText();
    Execution.Builder execution =
        Execution.newBuilder()
            .setExecutionId(id)
            .setStatus(status(shown.path("status").asText()))
            .setToken(token(tenant, ExecutionId.parse(id), shown.path("sequence").asLong()));
    if (shown.has("output")) {
      execution.setOutputJson(shown.get("output").toString());
    }
    String tier = shown.path("tier").asText();
    if (!tier.isEmpty() && !tier.equals("NONE")) {
      execution.setTier(tier.toLowerCase(Locale.ROOT));
    }
    String reason = shown.path("reason").asText();
    return execution.setProblem(reason.isEmpty() ? shown.path("failure").asText() : reason).build();
  }

  /// A fact as the read side shows it.
  static Fact fact(JsonNode shown) {
    return Fact.newBuilder()
        .setSequence(shown.path("sequence").asLong())
        .setEventType(shown.path("type").asText())
        .setBodyJson(shown.path("data").toString())
        .setOccurredAtMs(Instant.parse(shown.path("at").asText()).toEpochMilli())
        .build();
  }

  String token(TenantId tenant, ExecutionId id, long sequence) {
    return tokens.sign(new ExecutionAt(tenant, id, sequence));
  }

  private static Status status(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "running" -> Status.STATUS_RUNNING;
      case "waiting" -> Status.STATUS_WAITING;
      case "succeeded" -> Status.STATUS_SUCCEEDED;
      case "cancelled", "discarded" -> Status.STATUS_CANCELLED;
      case "timed_out" -> Status.STATUS_TIMED_OUT;
      case "quarantined" -> Status.STATUS_QUARANTINED;
      default -> Status.STATUS_FAILED;
    };
  }
}
