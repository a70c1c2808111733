package dev.nexus.mcp.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ProblemReplied;
import dev.nexus.event.reply.ReplyEvent.ReceiptReplied;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.mcp.protocol.ToolResult;
import dev.nexus.platform.call.Call;
import dev.nexus.platform.call.ExecutionCaller;
import dev.nexus.platform.call.PendingReply;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.call.Visible.ExecutionAt;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/// Runs components by way of the log and gives their answers as tools do.
public final class ToolRuns {
  private final ExecutionCaller executions;
  private final Tokens tokens;
  private final Duration patience;

  /// `patience` must be shorter than clients wait, so that they hear which execution goes on.
  public ToolRuns(ExecutionCaller executions, Tokens tokens, Duration patience) {
    this.executions = executions;
    this.tokens = tokens;
    this.patience = patience;
  }

  ToolResult run(ComponentTool tool, Call call) {
    try (PendingReply pending = executions.invoke(call)) {
      ExecutionId id = pending.executionId();
      TenantId tenant = call.origin().tenant();
      return pending
          .await(patience)
          .map(reply -> result(tool, tenant, id, reply))
          .orElseGet(() -> stillRunning(id));
    } catch (RequestNotAcceptedException e) {
      return ToolResult.error(e.getMessage() + "; try again", Map.of());
    }
  }

  private ToolResult result(ComponentTool tool, TenantId tenant, ExecutionId id, ReplyEvent reply) {
    String idMember = CallMeta.OURS + "executionId";
    return switch (reply) {
      case ResultReplied(_, var output, var tier, var sequence) -> {
        JsonNode value = CanonicalJson.read(output);
        yield new ToolResult(
            false,
            text(output, value),
            tool.wrapped(value),
            Map.of(
                idMember,
                id.toString(),
                CallMeta.OURS + "output",
                value.isTextual() ? "text" : "json",
                CallMeta.OURS + "tier",
                tier.name().toLowerCase(Locale.ROOT),
                CallMeta.OURS + "token",
                tokens.sign(new ExecutionAt(tenant, id, sequence))));
      }
      case ProblemReplied(_, var problem, var detail, var sequence) ->
          ToolResult.error(
              problem + ": " + detail + " (execution " + id + ")",
              Map.of(
                  idMember,
                  id.toString(),
                  CallMeta.OURS + "problem",
                  problem,
                  CallMeta.OURS + "token",
                  tokens.sign(new ExecutionAt(tenant, id, sequence))));
      case RefusalReplied(_, var problem, var detail) ->
          ToolResult.error(
              problem + ": " + detail,
              Map.of(idMember, id.toString(), CallMeta.OURS + "problem", problem));
      case ReceiptReplied _ -> throw new IllegalStateException("a call has no receipt");
    };
  }

  private ToolResult stillRunning(ExecutionId id) {
    return ToolResult.error(
        "still running after "
            + patience.toSeconds()
            + " s: execution "
            + id
            + " goes on, GET /v1/executions/"
            + id
            + " tells how it ends",
        Map.of(CallMeta.OURS + "executionId", id.toString(), CallMeta.OURS + "problem", "running"));
  }

  private static String text(Json output, JsonNode value) {
    return value.isTextual() ? value.textValue() : output.text();
  }
}
