package dev.nexus.executor.tool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.MalformedJsonException;
import dev.nexus.event.task.TaskKey;
import dev.nexus.executor.code.Asked;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.Tools;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.platform.security.ExecutionPasses;
import dev.nexus.platform.security.Principal;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends messages of code to the gateway's server of its application, with a pass of its execution
/// that lasts as long as the answer may take. A call of a tool carries a name of its own, which is
/// the same when its task is done once more: the tool is not called twice for that.
public final class GatewayTools implements Tools, AutoCloseable {
  /// Code that is called by code, which is called by code: at this depth it calls nobody, so that
  /// nothing calls itself for ever.
  static final int DEEPEST = 8;

  private static final Logger LOG = LoggerFactory.getLogger(GatewayTools.class);
  private static final String IDEMPOTENCY_KEY = "dev.nexus/idempotencyKey";
  private static final Duration CONNECTED_WITHIN = Duration.ofSeconds(2);

  /// Beyond what the answer may take, for the way there and back.
  private static final Duration MARGIN = Duration.ofSeconds(1);

  private final Supplier<Optional<URI>> gateway;
  private final ExecutionPasses passes;
  private final Clock clock;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECTED_WITHIN)
          .build();

  /// @param gateway where the gateway is, without a path; empty where nobody has said
  public GatewayTools(Supplier<Optional<URI>> gateway, ExecutionPasses passes, Clock clock) {
    this.gateway = gateway;
    this.passes = passes;
    this.clock = clock;
  }

  @Override
  public Reply send(CodeCall by, Asked asked, byte[] message, Duration patience)
      throws InterruptedException {
    Optional<URI> base = gateway.get();
    if (base.isEmpty()) {
      return refusal(
          503,
          "no gateway is known here that has tools: NEXUS_GATEWAY_URL of the executor names one");
    }
    AssignedTask task = by.task();
    int depth = Principal.depth(task.envelope().actor()) + 1;
    if (depth > DEEPEST) {
      return refusal(
          403, "this code was called by code " + DEEPEST + " times over, and may call no tools");
    }
    byte[] named;
    try {
      named = named(task, asked, message);
    } catch (MalformedJsonException e) {
      return refusal(400, "a message of MCP expected, JSON; found " + e.found());
    }
    String pass =
        passes.issue(
            task.envelope().tenantId(),
            task.envelope().appId(),
            task.execution(),
            depth,
            clock.instant().plus(patience));
    var request =
        HttpRequest.newBuilder(base.get().resolve("/mcp/" + task.envelope().appId()))
            .timeout(patience.plus(MARGIN))
            .header("Authorization", "Bearer " + pass)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json, text/event-stream")
            .POST(BodyPublishers.ofByteArray(named));
    if (!task.envelope().traceparent().isEmpty()) {
      request.header("traceparent", task.envelope().traceparent());
    }
    return sent(request.build(), patience);
  }

  private Reply sent(HttpRequest request, Duration patience) throws InterruptedException {
    try {
      HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
      return new Reply(response.statusCode(), response.body());
    } catch (HttpTimeoutException e) {
      return refusal(504, LATE + patience.toSeconds() + " s");
    } catch (IOException e) {
      LOG.atWarn()
          .setCause(e)
          .addKeyValue("gateway", request.uri())
          .log("the gateway does not answer");
      return refusal(503, "the gateway, which has the tools, cannot be reached now");
    }
  }

  /// The message, and the name of its call if it is one. A name of the code's own counts within its
  /// execution, and the trace is that of its task, whatever the code says.
  private static byte[] named(AssignedTask task, Asked asked, byte[] message) {
    JsonNode read = CanonicalJson.read(new String(message, StandardCharsets.UTF_8));
    if (!(read instanceof ObjectNode body)
        || !body.path("method").asText("").equals("tools/call")
        || !(body.get("params") instanceof ObjectNode params)) {
      return message;
    }
    ObjectNode meta =
        params.get("_meta") instanceof ObjectNode present ? present : params.putObject("_meta");
    meta.remove("traceparent");
    TaskKey key = task.body().task();
    String name = params.path("name").asText("");
    String arguments = params.path("arguments").toString();
    meta.put(
        IDEMPOTENCY_KEY,
        (meta.path(IDEMPOTENCY_KEY).isTextual()
                ? NameIds.uuid5(
                    "tool-key", task.execution().toString(), meta.path(IDEMPOTENCY_KEY).textValue())
                : NameIds.uuid5(
                    "tool-call",
                    task.execution().toString(),
                    Integer.toString(key.step()),
                    key.role().name(),
                    Integer.toString(asked.times(name, arguments)),
                    name,
                    arguments))
            .toString());
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Reply refusal(int status, String detail) {
    return new Reply(
        status,
        JsonNodeFactory.instance
            .objectNode()
            .put("status", status)
            .put("detail", detail)
            .toString()
            .getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
